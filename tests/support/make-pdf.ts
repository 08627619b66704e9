// Small PDFs for tests, made byte by byte: pages of text, and the same locked with a password.
import { createHash } from "node:crypto";

const PADDING = Buffer.from("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a", "hex");

const rc4 = (key: Uint8Array, data: Uint8Array): Uint8Array => {
  const state = Uint8Array.from({ length: 256 }, (_, at) => at);
  const swap = (one: number, other: number) => {
    [state[one], state[other]] = [state[other] ?? 0, state[one] ?? 0];
  };
  for (let at = 0, mix = 0; at < 256; at += 1) {
    mix = (mix + (state[at] ?? 0) + (key[at % key.length] ?? 0)) & 255;
    swap(at, mix);
  }
  let [one, other] = [0, 0];
  return Uint8Array.from(data, (byte) => {
    one = (one + 1) & 255;
    other = (other + (state[one] ?? 0)) & 255;
    swap(one, other);
    return byte ^ (state[((state[one] ?? 0) + (state[other] ?? 0)) & 255] ?? 0);
  });
};

const md5 = (...parts: readonly Uint8Array[]): Buffer => createHash("md5").update(Buffer.concat(parts)).digest();

/** The dictionary that locks a file with a password nobody gives (40-bit, revision 2). */
const lockedBy = (password: string): { readonly entry: string; readonly id: string } => {
  const padded = Buffer.concat([Buffer.from(password), PADDING]).subarray(0, 32);
  const id = md5(Buffer.from("an id"));
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const permissions = Buffer.from([0xfc, 0xff, 0xff, 0xff]);
  const key = md5(padded, owner, permissions, id).subarray(0, 5);
  const user = rc4(key, PADDING);
  const hex = (bytes: Uint8Array) => `<${Buffer.from(bytes).toString("hex")}>`;
  return {
    entry: `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P -4 >>`,
    id: hex(id),
  };
};

const escaped = (line: string): string => line.replaceAll(/[\\()]/g, (character) => `\\${character}`);

/** A PDF with these lines on each of its pages. */
export const makePdf = (pages: readonly (readonly string[])[], password?: string): Uint8Array<ArrayBuffer> => {
  const objects: string[] = [];
  const kids = pages.map((_, at) => `${4 + at * 2} 0 R`).join(" ");
  objects.push("<< /Type /Catalog /Pages 2 0 R >>");
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  for (const [at, lines] of pages.entries()) {
    const drawn = lines.map((line) => `(${escaped(line)}) Tj T*`).join("\n");
    const stream = `BT /F1 12 Tf 72 760 Td 14 TL\n${drawn}\nET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + at * 2} 0 R >>`,
    );
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  const lock = password === undefined ? null : lockedBy(password);
  if (lock !== null) objects.push(lock.entry);
  let file = "%PDF-1.4\n";
  const places: number[] = [];
  for (const [at, object] of objects.entries()) {
    places.push(file.length);
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
  }
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const place of places) file += `${String(place).padStart(10, "0")} 00000 n \n`;
  const encrypt = lock === null ? "" : ` /Encrypt ${objects.length} 0 R /ID [${lock.id} ${lock.id}]`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R${encrypt} >>\nstartxref\n${start}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file, "latin1"));
};
