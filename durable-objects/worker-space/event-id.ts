// Event ids are UUIDs of version 8 (RFC 9562 §5.8) that carry the event's position in their first 48 bits: an event is
// found by its id without an index, and an index would be one more row written for every event.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const hex = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
};

/** A fresh id for the event at `seq` (1 to 2^48 − 1). 74 bits are random. */
export const eventIdFor = (seq: number): string => {
  const random = crypto.getRandomValues(new Uint8Array(10));
  random[0] = ((random[0] ?? 0) & 0x0f) | 0x80;
  random[2] = ((random[2] ?? 0) & 0x3f) | 0x80;
  const tail = hex(random);
  const head = seq.toString(16).padStart(12, "0");
  return `${head.slice(0, 8)}-${head.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
};

/** The position an event id carries, or null when it is none of ours. */
export const seqOfEventId = (id: string): number | null => {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.exec(id);
  if (match === null) return null;
  return Number.parseInt(`${match[1]}${match[2]}`, 16);
};
