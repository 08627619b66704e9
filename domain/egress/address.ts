// May the server's tools speak to this address? Judged on the URL in the parser's normal form, where every spelling of a
// number (octal, hex, short, fullwidth, percent-encoded) has become one; names are judged here, what they resolve to by
// `judgeAnswers`. No list of names is complete: the answers of the resolver are what decides.
import { ok, type Result } from "#schema/result.ts";
import { ipv4Number, specialAddress } from "./ranges.ts";

/** Why an address is not spoken to. */
export interface AddressRefusal {
  readonly code: "bad_url" | "not_https" | "credentials_in_url" | "port_refused" | "private_address" | "special_name";
  readonly message: string;
}

/** A URL that may be asked for. */
export interface JudgedUrl {
  /** Normal form, without fragment. */
  readonly href: string;
  /** The exact host, as it is allowed: lower case, no trailing dot, with its port unless that is 443. */
  readonly host: string;
  /** The name to resolve; null when the host is an address or local by configuration. */
  readonly resolve: string | null;
}

/** https on its own port and the usual second one; everything else is some other service's door. */
const PORTS: readonly string[] = ["", "8443"];
const LONGEST_URL = 4_096;

/** Names kept for special use (RFC 6761, 6762, 7686, 8375, 9476, ICANN's `internal`) or customary inside networks. */
const SPECIAL_ENDINGS: readonly string[] = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
  "in-addr.arpa",
  "ip6.arpa",
  "onion",
  "alt",
  "invalid",
  "test",
  "example",
  "svc",
];
/** Public names that answer with whatever address is written into them. A convenience: the resolver's answers are judged anyway. */
const MIRRORS: readonly string[] = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me"];

const no = (code: AddressRefusal["code"], message: string) => ({ ok: false, refusal: { code, message } }) as const;

const endsIn = (name: string, endings: readonly string[]): boolean =>
  endings.some((ending) => name === ending || name.endsWith(`.${ending}`));

/** A URL as it would be asked for, so that what a person is shown is what is fetched; any other text as it is. */
export const normalUrl = (text: string): string => {
  const url = parsed(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return text;
  url.hostname = url.hostname.replace(/\.$/, "");
  url.hash = "";
  return url.href;
};

const parsed = (text: string): URL | null => (text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : null);

/**
 * Judges one URL, before it is asked for and again for every redirect. `localHosts` are the exact `host:port` the installation
 * itself declared as its own: they may be private, unencrypted and on any port.
 */
export const judgeUrl = (text: string, localHosts: readonly string[] = []): Result<JudgedUrl, AddressRefusal> => {
  const url = parsed(text);
  if (url === null) return no("bad_url", "this is not a URL that can be asked for");
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return no("not_https", `only https is spoken, not ${url.protocol.slice(0, -1)}`);
  if (url.username !== "" || url.password !== "")
    return no("credentials_in_url", "a URL must not carry a user name or password");
  const name = url.hostname.replace(/\.$/, "");
  if (name === "" || name.endsWith(".")) return no("bad_url", "this URL names no host");
  url.hostname = name;
  url.hash = "";
  const judged = { href: url.href, host: url.host };
  if (localHosts.includes(`${name}:${portOf(url)}`)) return ok({ ...judged, resolve: null });
  if (url.protocol !== "https:") return no("not_https", "only https is spoken, not http");
  if (!PORTS.includes(url.port)) return no("port_refused", `port ${url.port} is not asked`);
  const literal = name.startsWith("[") ? name.slice(1, -1) : ipv4Number(name) === null ? null : name;
  if (literal !== null) {
    const special = specialAddress(literal);
    return special === null ? ok({ ...judged, resolve: null }) : no("private_address", `${name} is ${special}`);
  }
  if (!name.includes(".") || endsIn(name, SPECIAL_ENDINGS)) return no("special_name", `${name} is no public name`);
  if (endsIn(name, MIRRORS)) return no("special_name", `${name} stands for any address`);
  return ok({ ...judged, resolve: name });
};

/** Judges what a name resolved to: one address that may not be reached spoils all of them. */
export const judgeAnswers = (name: string, addresses: readonly string[]): AddressRefusal | null => {
  for (const address of addresses) {
    const special = specialAddress(address);
    if (special !== null) return no("private_address", `${name} leads to ${address}: ${special}`).refusal;
  }
  return null;
};

const portOf = (url: URL): string => (url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80");
