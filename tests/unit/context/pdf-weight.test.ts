// What a hostile PDF unfolds into is found out before the reader unpacks it.
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readDocument } from "#adapters/documents/read-document.ts";

const WORDS = "BT /F1 12 Tf (the tide turns at noon) Tj ET";

/** One page whose contents are this, packed as it says; `list` names it so many times. */
const pdf = (packed: Uint8Array, filter: string, { list = 1, more = "" } = {}): Uint8Array => {
  const contents = list === 1 ? "4 0 R" : `[${"4 0 R ".repeat(list)}]`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${contents} /Resources << /Font << /F1 5 0 R >> >> >>`,
    `<< /Length ${packed.length} /Filter ${filter} ${more} >>\nstream\n${Buffer.from(packed).toString("latin1")}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let file = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const start = file.length;
  file += `xref\n0 6\n0000000000 65535 f \n${places.join("")}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file, "latin1"));
};

const ascii85 = (data: Uint8Array): Uint8Array => {
  let text = "";
  for (let at = 0; at < data.length; at += 4) {
    const part = data.subarray(at, at + 4);
    let value = [0, 1, 2, 3].reduce((sum, byte) => sum * 256 + (part[byte] ?? 0), 0);
    let group = "";
    for (let digit = 0; digit < 5; digit += 1) {
      group = String.fromCharCode(33 + (value % 85)) + group;
      value = Math.floor(value / 85);
    }
    text += group.slice(0, part.length + 1);
  }
  return Buffer.from(`${text}~>`, "latin1");
};

const read = async (content: Uint8Array): Promise<string> => {
  const answer = await readDocument({ mediaType: "application/pdf", content });
  return answer.ok ? answer.value.text : (answer.refusal.detail ?? "");
};

const BOMB = deflateSync(Buffer.alloc(40_000_000, "q Q "));

describe("a PDF", () => {
  it.each([
    ["packed", deflateSync(WORDS), "/FlateDecode"],
    ["packed twice", deflateSync(deflateSync(WORDS)), "[/FlateDecode /FlateDecode]"],
    ["packed and written in letters", ascii85(deflateSync(WORDS)), "[/ASCII85Decode /FlateDecode]"],
    ["packed and written as hexadecimal", Buffer.from(`${deflateSync(WORDS).toString("hex")}>`), "[/AHx /Fl]"],
  ])("%s is read", async (_, packed, filter) => {
    expect(await read(pdf(packed, filter))).toContain("the tide turns at noon");
  });

  it.each([
    ["in one stream", pdf(BOMB, "/FlateDecode")],
    ["in a stream within a stream", pdf(deflateSync(BOMB), "[/FlateDecode /FlateDecode]")],
    ["behind letters", pdf(ascii85(BOMB), "[/ASCII85Decode /FlateDecode]")],
    ["behind a name spelled with numbers", pdf(BOMB, "/Fl#61teDecode")],
    [
      "by one stream named again and again",
      pdf(deflateSync(Buffer.alloc(1_000_000, " ")), "/FlateDecode", { list: 70 }),
    ],
    [
      "by rows without end",
      pdf(deflateSync(WORDS), "/FlateDecode", { more: "/DecodeParms << /Predictor 12 /Columns 2000000000 >>" }),
    ],
    ["behind filters that stand elsewhere", pdf(deflateSync(WORDS), "9 0 R")],
  ])("that unfolds into too much %s is refused at once", async (_, file) => {
    const started = performance.now();
    expect(await read(file)).toMatch(/unfolds|packed/);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("whose packed words say they are a picture holds none", async () => {
    expect(await read(pdf(deflateSync(WORDS), "/FlateDecode", { more: "/Subtype /Image" }))).not.toContain("tide");
  });

  it.each([["/DCTDecode"], ["[/LZWDecode]"], ["/CCITTFaxDecode"]])("is never unpacked as %s", async (filter) => {
    expect(await read(pdf(Buffer.from(WORDS), filter))).toContain("the tide turns at noon");
  });
});
