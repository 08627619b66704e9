// Which internet addresses may never be reached: everything the IANA special-purpose registries (RFC 6890 and what followed)
// keep from ordinary use, by the longest-known name of each block. For IPv6 the rule is turned around: only global unicast
// (2000::/3) may be reached, and of that not the blocks that carry an IPv4 address inside or lead nowhere.

interface Block {
  readonly base: bigint;
  readonly bits: number;
  readonly what: string;
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry, plus multicast (RFC 5771) and one cloud's metadata address. */
const IPV4: readonly (readonly [cidr: string, what: string])[] = [
  ["0.0.0.0/8", "this host"],
  ["10.0.0.0/8", "a private network"],
  ["100.64.0.0/10", "a carrier's shared network"],
  ["127.0.0.0/8", "this machine"],
  ["169.254.0.0/16", "link-local, where clouds keep their metadata"],
  ["172.16.0.0/12", "a private network"],
  ["192.0.0.0/24", "reserved for protocols"],
  ["192.0.2.0/24", "for documentation"],
  ["192.31.196.0/24", "AS112"],
  ["192.52.193.0/24", "AMT"],
  ["192.88.99.0/24", "a 6to4 relay"],
  ["192.168.0.0/16", "a private network"],
  ["192.175.48.0/24", "AS112"],
  ["198.18.0.0/15", "for benchmarks"],
  ["198.51.100.0/24", "for documentation"],
  ["203.0.113.0/24", "for documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  // Globally routed, but answered by the virtual machine's own host.
  ["168.63.129.16/32", "a cloud's metadata"],
];

/** https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies inside 2000::/3. */
const IPV6: readonly (readonly [cidr: string, what: string])[] = [
  ["2001::/23", "reserved for protocols, Teredo among them"],
  ["2001:db8::/32", "for documentation"],
  ["2002::/16", "6to4, an IPv4 address in disguise"],
  ["2620:4f:8000::/48", "AS112"],
  ["3fff::/20", "for documentation"],
];

/** The blocks outside 2000::/3 that deserve their own name; all the rest there is refused as well. */
const NAMED_IPV6: readonly (readonly [cidr: string, what: string])[] = [
  ["::1/128", "this machine"],
  ["::/128", "this host"],
  ["::ffff:0:0/96", "an IPv4 address in disguise"],
  ["::/96", "an IPv4 address in disguise"],
  ["64:ff9b::/96", "NAT64, an IPv4 address in disguise"],
  ["64:ff9b:1::/48", "NAT64, an IPv4 address in disguise"],
  ["fc00::/7", "a private network"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "a private network"],
  ["ff00::/8", "multicast"],
];

/** The number of a dotted IPv4 address in its normal form; null for anything else. */
export const ipv4Number = (text: string): bigint | null => {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  let number = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    number = number * 256n + BigInt(part);
  }
  return number;
};

/** The number of an IPv6 address, with or without a dotted tail; null for anything else, a zone among it. */
export const ipv6Number = (text: string): bigint | null => {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const dotted = tail === null ? null : ipv4Number(tail[2] ?? "");
  if (tail !== null && dotted === null) return null;
  const plain =
    tail === null || dotted === null
      ? text
      : `${tail[1]}${(dotted >> 16n).toString(16)}:${(dotted & 0xffffn).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  if (!groups.flat().every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const [head = [], rest = []] = groups;
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...Array.from({ length: missing }, () => "0"), ...rest];
  return all.reduce((number, group) => (number << 16n) | BigInt(`0x${group}`), 0n);
};

const blocks = (rows: typeof IPV4, read: (text: string) => bigint | null, width: number): readonly Block[] =>
  rows.map(([cidr, what]) => {
    const [base = "", bits = ""] = cidr.split("/");
    return { base: (read(base) ?? 0n) >> BigInt(width - Number(bits)), bits: Number(bits), what };
  });

const found = (table: readonly Block[], number: bigint, width: number): string | null =>
  table.find(({ base, bits }) => number >> BigInt(width - bits) === base)?.what ?? null;

const V4 = blocks(IPV4, ipv4Number, 32);
const V6 = blocks(IPV6, ipv6Number, 128);
const NAMED_V6 = blocks(NAMED_IPV6, ipv6Number, 128);
const GLOBAL_UNICAST = 0b001n;
/** ISATAP puts an IPv4 address behind this interface identifier, in any prefix (RFC 5214). */
const ISATAP: readonly bigint[] = [0x0000_5efen, 0x0200_5efen];

/**
 * What an address in its normal form is, when it may not be reached; null when it is an ordinary public one. A text that is
 * no address at all is refused too: whoever asks had better know what it holds.
 */
export const specialAddress = (address: string): string | null => {
  const v4 = ipv4Number(address);
  if (v4 !== null) return found(V4, v4, 32);
  const v6 = ipv6Number(address);
  if (v6 === null) return "no address";
  if (v6 >> 125n !== GLOBAL_UNICAST) return found(NAMED_V6, v6, 128) ?? "not a public address";
  if (ISATAP.includes((v6 >> 32n) & 0xffff_ffffn)) return "ISATAP, an IPv4 address in disguise";
  return found(V6, v6, 128);
};
