// The only hand that reaches the open internet for tools. Every hop is judged before it is asked for: address, allow-list, and
// what the name resolves to; redirects are followed by hand. The whole exchange has one time and one size. It carries no
// cookies and no credentials but those of its own request, and never throws: what goes wrong is a failure with a reason.
import { judgeAnswers, judgeUrl } from "#domain/egress/address.ts";
import { ok, type Result } from "#schema/result.ts";
import { type Body, readBody } from "./web/read-body.ts";

/** Why nothing came of an exchange. `host` is the one it wanted and may not reach. */
export interface EgressFailure {
  readonly code: string;
  readonly message: string;
  readonly host?: string;
}

/** One exchange with the outside. */
export interface Outgoing {
  readonly url: string;
  /** Whether this exact host (with its port unless that is 443) may be reached. */
  readonly mayReach: (host: string) => boolean;
  /** Whether a body of this media type is of use; asked before anything of it is read. */
  readonly takes: (mediaType: string) => boolean;
  readonly accept: string;
  /** Makes it a POST of JSON. Such a request, and one with a credential, follows no redirects. */
  readonly json?: unknown;
  readonly credential?: { readonly header: string; readonly value: string };
  /** Bytes after decompression; what is beyond is cut off. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back. */
export interface Incoming extends Body {
  /** Where it came from in the end. */
  readonly url: string;
  readonly mediaType: string;
  /** As the header says; null when it does not. */
  readonly charset: string | null;
}

/** Reaches the outside. */
export type Egress = (outgoing: Outgoing) => Promise<Result<Incoming, EgressFailure>>;

/** What a name resolves to, all of it; throws when that cannot be found out. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/** The global fetch, or one that is watched. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** What an installation decides about egress. */
export interface EgressSettings {
  /** Exact `host:port` that are the installation's own: they may be private and unencrypted. */
  readonly localHosts: readonly string[];
  /** Null: names are not looked up beforehand, because the network itself is known to keep private addresses away. */
  readonly resolve: Resolve | null;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const ENCODINGS: readonly string[] = ["", "identity", "gzip", "x-gzip", "deflate", "br"];
const USER_AGENT = "Retinue/0.1";

const no = (code: string, message: string, host?: string): { readonly ok: false; readonly refusal: EgressFailure } => ({
  ok: false,
  refusal: host === undefined ? { code, message } : { code, message, host },
});

/** The global fetch as tools may use it. */
export const globalSend: Send = (url, init) => fetch(url, init);

/** Opens the way out. */
export const openEgress =
  (settings: EgressSettings, send: Send = globalSend): Egress =>
  async (outgoing) => {
    const time = new AbortController();
    const timer = setTimeout(() => time.abort(), outgoing.timeoutMs);
    const signal = AbortSignal.any([outgoing.signal, time.signal]);
    try {
      return await travel(settings, send, outgoing, signal);
    } catch (error) {
      if (outgoing.signal.aborted) return no("cancelled", "it was cancelled");
      if (time.signal.aborted) return no("timeout", `it took longer than ${outgoing.timeoutMs / 1000} s`);
      // The runtime's words may name addresses; its kind is enough.
      return no("unreachable", `the connection failed (${error instanceof Error ? error.name : "unknown"})`);
    } finally {
      clearTimeout(timer);
      time.abort();
    }
  };

const travel = async (
  settings: EgressSettings,
  send: Send,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Result<Incoming, EgressFailure>> => {
  let url = outgoing.url;
  const mostRedirects = outgoing.json === undefined && outgoing.credential === undefined ? MAX_REDIRECTS : 0;
  for (let redirects = 0; ; redirects += 1) {
    const hop = await judgeHop(settings, outgoing, url, redirects > 0, signal);
    if (!hop.ok) return hop;
    const response = await untilAborted(send(hop.value, initOf(outgoing, signal)), signal);
    if (!REDIRECTS.includes(response.status)) return await arrived(response, hop.value, outgoing, signal);
    await dropBody(response);
    if (redirects >= mostRedirects) return no("too_many_redirects", `it was sent on more than ${mostRedirects} times`);
    const location = response.headers.get("location");
    if (location === null || !URL.canParse(location, hop.value))
      return no("bad_redirect", "it was sent on to no address");
    url = new URL(location, hop.value).href;
  }
};

/** The URL to ask for, when every rule lets it pass. */
const judgeHop = async (
  settings: EgressSettings,
  outgoing: Outgoing,
  url: string,
  redirected: boolean,
  signal: AbortSignal,
): Promise<Result<string, EgressFailure>> => {
  const judged = judgeUrl(url, settings.localHosts);
  const how = redirected ? "it was sent on to a place that is not asked: " : "";
  if (!judged.ok) return no(judged.refusal.code, how + judged.refusal.message);
  const { href, host, resolve: name } = judged.value;
  if (!outgoing.mayReach(host)) {
    const sentOn = redirected ? `it was sent on to ${href.slice(0, 500)}, and ` : "";
    return no("host_not_allowed", `${sentOn}the host ${host} is not allowed`, host);
  }
  if (name === null || settings.resolve === null) return ok(href);
  let addresses: readonly string[];
  try {
    addresses = await untilAborted(settings.resolve(name, signal), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return no("dns_failed", `${name} could not be looked up, so it is not asked`);
  }
  if (addresses.length === 0) return no("dns_failed", `there is no such host: ${name}`);
  const bad = judgeAnswers(name, addresses);
  return bad === null ? ok(href) : no(bad.code, how + bad.message);
};

const initOf = ({ accept, json, credential }: Outgoing, signal: AbortSignal): RequestInit => {
  const headers = new Headers({ accept, "user-agent": USER_AGENT });
  if (credential !== undefined) headers.set(credential.header, credential.value);
  if (json === undefined) return { method: "GET", headers, redirect: "manual", signal };
  headers.set("content-type", "application/json");
  return { method: "POST", headers, redirect: "manual", signal, body: JSON.stringify(json) };
};

const arrived = async (
  response: Response,
  url: string,
  { takes, maxBytes }: Outgoing,
  signal: AbortSignal,
): Promise<Result<Incoming, EgressFailure>> => {
  const give = async (code: string, message: string) => {
    await dropBody(response);
    return no(code, message);
  };
  if (!response.ok) return give("http_status", `it answered ${response.status}`);
  const [mediaType, charset] = contentType(response.headers.get("content-type") ?? "");
  if (!takes(mediaType))
    return give("unsupported_type", `it is ${mediaType || "of no stated type"}, which cannot be read`);
  const encoding = (response.headers.get("content-encoding") ?? "").trim().toLowerCase();
  if (!ENCODINGS.includes(encoding)) return give("unsupported_encoding", `it is encoded as ${encoding.slice(0, 40)}`);
  return ok({ url, mediaType, charset, ...(await readBody(response.body, maxBytes, signal)) });
};

const contentType = (header: string): readonly [mediaType: string, charset: string | null] => {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim());
  const charset = parameters.map((part) => /^charset\s*=\s*"?([\w.:+-]{1,40})"?$/i.exec(part)?.[1]).find(Boolean);
  return [/^[\w.+-]+\/[\w.+-]+$/.test(type) ? type.toLowerCase() : "", charset?.toLowerCase() ?? null];
};

const dropBody = async (response: Response): Promise<void> => {
  // A body nobody reads must not hold the connection; that it could not even be dropped changes nothing.
  await response.body?.cancel().catch(() => {});
};

/** The promise, or a throw as soon as the signal is aborted: not every wait listens to the signal itself. */
const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const give = (): void => reject(new Error("aborted"));
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
