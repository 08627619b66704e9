// What a PDF would unfold into, found out before the reader sees it: the reader unpacks a stream whole, and a kilobyte can hold
// gigabytes. Dictionaries can be forged, so every stream is tried, whatever it says of itself. What cannot be weighed is refused
// or spoiled; pictures are always spoiled, for words need none.
import { inflateSync } from "node:zlib";
import { ok, type Result, refuse } from "#schema/result.ts";

/** Bytes one stream may unfold into, and all of them, and those that one list names. */
const MOST_OF_ONE = 16 * 1024 * 1024;
const MOST_IN_ALL = 64 * 1024 * 1024;
/** What a stream that breaks off counts as. */
const BROKEN = 4 * 1024 * 1024;
/** Streams packed within each other. */
const DEEPEST = 3;
/** Of a row of what is stored as a picture is. */
const WIDEST = 100_000;
const LONGEST_DICTIONARY = 2_000;
const MOST_STREAMS = 20_000;
const Z_SYNC_FLUSH = 2;

const TOO_MUCH = "it unfolds into more than a document of words holds";
const STRANGE = "it is packed in a way that is not read here";
const unreadable = (detail: string) => refuse("document_unreadable", detail);

const END = "(?![A-Za-z0-9])";
const GAP = "(?:\\s|%[^\\r\\n]*[\\r\\n])*";
const LETTERS = "/(?:ASCII85Decode|A85|ASCIIHexDecode|AHx)";
/** Ways of packing pictures, and two old ones that nobody weighs here. */
const UNNEEDED = new RegExp(
  `/(?:DCTDecode|DCT|JPXDecode|JBIG2Decode|CCITTFaxDecode|CCF|LZWDecode|LZW|RunLengthDecode|RL)${END}`,
  "g",
);
/** Filters that stand somewhere else, where they cannot be spoiled; letters written as letters twice. */
const HIDDEN_FILTERS = new RegExp(`/(?:Filter|FFilter)${GAP}\\d|${LETTERS}${GAP}${LETTERS}`);
const FILTER_ELSEWHERE = /\/F(?=(?:\s|%[^\r\n]*[\r\n])+\d{1,10}\s+\d{1,5}\s+R)/g;
const ENCRYPTED = new RegExp(`/Encrypt${END}`);
const PICTURE = new RegExp(`/Subtype${GAP}/Image${END}`);
const ESCAPED_NAME = /\/[^\s/<>[\](){}%]*#[0-9A-Fa-f]{2}[^\s/<>[\](){}%]*/g;
const STREAM = /(?<!end)stream[^\r\n]{0,200}(?:\r\n|\n|\r)/g;
const LISTED = /\d{1,10}\s+\d{1,5}\s+R(?:(?:\s|%[^\r\n]*[\r\n])+\d{1,10}\s+\d{1,5}\s+R)+/g;

/** What the reader may be given of a file. */
export const weighedPdf = (bytes: Uint8Array): Result<Uint8Array> => {
  const safe = Buffer.from(bytes);
  const text = safe.toString("latin1");
  if (ENCRYPTED.test(text)) return unreadable("it is locked: save it without a password or protection");
  if (HIDDEN_FILTERS.test(text) || (text.match(ESCAPED_NAME) ?? []).some(saysOtherwise)) return unreadable(STRANGE);
  for (const { index, 0: name } of text.matchAll(UNNEEDED)) safe.fill("X", index + 1, index + name.length);
  for (const { index } of text.matchAll(FILTER_ELSEWHERE)) safe.fill("X", index + 1, index + 2);

  const sizes = new Map<string, number>();
  const lists: string[] = [text];
  let total = 0;
  let count = 0;
  for (const { index, 0: keyword } of text.matchAll(STREAM)) {
    count += 1;
    if (count > MOST_STREAMS) return unreadable(TOO_MUCH);
    const begins = index + keyword.length;
    const before = text.slice(Math.max(0, index - LONGEST_DICTIONARY), index);
    const object = Math.max(0, before.lastIndexOf("obj"));
    if (PICTURE.test(before.slice(object))) {
      // The end of everything that is written in letters, and no beginning of anything packed.
      safe.write("z~>", begins, "latin1");
      continue;
    }
    const plain = weighed(bytes.subarray(begins), DEEPEST);
    if (plain === null) return unreadable(TOO_MUCH);
    total += plain.length;
    if (total > MOST_IN_ALL) return unreadable(TOO_MUCH);
    const number = /(\d{1,10})\s+\d{1,5}\s*$/.exec(before.slice(Math.max(0, object - 30), object))?.[1];
    if (number !== undefined) sizes.set(number, plain.length);
    // Objects within a stream begin with their numbers.
    if (/^\s*\d+\s+\d/.test(plain.toString("latin1", 0, 64))) lists.push(plain.toString("latin1"));
  }
  return lists.every((list) => isNarrow(list) && isShort(list, sizes))
    ? ok(new Uint8Array(safe))
    : unreadable(TOO_MUCH);
};

/** A name that spells with numbers what decides how the file is read. */
const saysOtherwise = (name: string): boolean => {
  const said = name.replaceAll(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return /^\/(?:Encrypt|Filter|F|DecodeParms|DP|Columns|Colors|Subtype|Image|A85|AHx|Fl|LZW|RL|CCF|DCT|\w+Decode)$/.test(
    said,
  );
};

const isNarrow = (text: string): boolean =>
  [...text.matchAll(/\/(?:Columns|Colors)\s*(\d+)/g)].every(([, value]) => Number(value) <= WIDEST);

/** The same stream many times in one list is read as one stream. */
const isShort = (text: string, sizes: ReadonlyMap<string, number>): boolean =>
  [...text.matchAll(LISTED)].every(([list]) => {
    let sum = 0;
    for (const [, number = ""] of list.matchAll(/(\d+)\s+\d+\s+R/g)) sum += sizes.get(number) ?? 0;
    return sum <= MOST_IN_ALL;
  });

const isPacked = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 15) === 8 && ((first << 8) | second) % 31 === 0;

/** What is packed here, unpacked; nothing where nothing is; null: more than there may be. */
const weighed = (data: Uint8Array, depth: number): Buffer | null => {
  const packed = isPacked(data) ? data : (fromLetters(data) ?? data);
  if (!isPacked(packed)) return Buffer.alloc(0);
  if (depth === 0) return null;
  let plain: Buffer;
  try {
    plain = inflateSync(packed, { maxOutputLength: MOST_OF_ONE, finishFlush: Z_SYNC_FLUSH });
  } catch (error) {
    // Both runtimes say so with this kind; only one with a code.
    return error instanceof RangeError ? null : Buffer.alloc(BROKEN);
  }
  const inner = weighed(plain, depth - 1);
  return inner === null ? null : inner.length > plain.length ? inner : plain;
};

/** What is written in letters (ASCII 85 or hexadecimal), where that is something packed. */
const fromLetters = (data: Uint8Array): Uint8Array | null => {
  for (const read of [fromHex, fromAscii85]) if (isPacked(read(data.subarray(0, 64)))) return read(data);
  return null;
};

const fromHex = (data: Uint8Array): Uint8Array => {
  const text = Buffer.from(data).toString("latin1");
  const end = text.indexOf(">");
  return Buffer.from((end === -1 ? text : text.slice(0, end)).replaceAll(/[^0-9A-Fa-f]/g, ""), "hex");
};

const fromAscii85 = (data: Uint8Array): Uint8Array => {
  const bytes: number[] = [];
  let group: number[] = [];
  const take = (missing: number): void => {
    const value = group.reduce((sum, digit) => sum * 85 + digit, 0) >>> 0;
    for (let at = 0; at < 4 - missing; at += 1) bytes.push((value >>> (24 - at * 8)) & 255);
    group = [];
  };
  for (const byte of data) {
    if (byte === 0x7e) break;
    if (byte <= 0x20) continue;
    if (byte === 0x7a && group.length === 0) bytes.push(0, 0, 0, 0);
    else group.push(byte - 33);
    if (group.length === 5) take(0);
  }
  if (group.length > 1) {
    const missing = 5 - group.length;
    for (let at = 0; at < missing; at += 1) group.push(84);
    take(missing);
  }
  return Uint8Array.from(bytes);
};
