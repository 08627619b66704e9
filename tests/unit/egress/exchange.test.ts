// The way out, against a site that does its worst. Two ledgers say what was fetched: the site's own, and the list of every
// URL that was handed to fetch at all.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EgressSettings, globalSend, type Outgoing, openEgress, type Send } from "#adapters/egress.ts";
import { dohResolver } from "#adapters/web/doh.ts";
import {
  bomb,
  endless,
  lyingLength,
  openWebSite,
  page,
  sentOn,
  silent,
  trickle,
  type WebSite,
} from "#tests/doubles/web-site.ts";

let site: WebSite;
let secret: WebSite;
let asked: string[] = [];

const watched: Send = (url, init) => {
  asked.push(url);
  return globalSend(url, init);
};

/** Every place a redirect may not lead to, however it is written. */
const FORBIDDEN: Readonly<Record<string, (secretHost: string) => string>> = {
  loopback: (host) => `http://${host}/secret`,
  "loopback over https": () => "https://127.0.0.1/secret",
  "loopback as a number": (host) => `http://2130706433:${host.split(":")[1]}/secret`,
  "loopback in octal": (host) => `http://0177.0.0.1:${host.split(":")[1]}/secret`,
  "loopback by name": (host) => `http://localhost:${host.split(":")[1]}/secret`,
  "loopback mapped into IPv6": (host) => `http://[::ffff:7f00:1]:${host.split(":")[1]}/secret`,
  "loopback mapped, over https": () => "https://[::ffff:7f00:1]/secret",
  "a scheme-less host": (host) => `//${host}/secret`,
  metadata: () => "http://169.254.169.254/latest/meta-data/iam/",
  "metadata over https": () => "https://169.254.169.254/",
  "metadata in hex": () => "https://0xa9fea9fe/",
  "metadata through NAT64": () => "https://[64:ff9b::a9fe:a9fe]/",
  "metadata by name": () => "https://metadata.google.internal/computeMetadata/v1/",
  "a private network": () => "https://10.0.0.1/",
  "a file": () => "file:///etc/passwd",
  data: () => "data:text/html,hello",
  javascript: () => "javascript:alert(1)",
  ftp: () => "ftp://ftp.example.com/",
  "another host": () => "https://example.com/",
  credentials: (host) => `http://user:pass@${host}/secret`,
  nonsense: () => "https://",
};

const slug = (name: string): string => `/to/${name.replaceAll(/\W+/g, "-")}`;

beforeAll(async () => {
  secret = await openWebSite({ "/secret": page("the crown jewels", "text/plain") });
  site = await openWebSite({
    "/": page("<h1>Hello</h1>"),
    "/ring": sentOn("/ring"),
    "/one": sentOn("/two", 301),
    "/two": sentOn("three", 307),
    "/three": sentOn("/?from=three", 308),
    ...Object.fromEntries(
      [1, 2, 3, 4, 5, 6].map((step) => [`/chain/${step}`, sentOn(step === 6 ? "/" : `/chain/${step + 1}`)]),
    ),
    "/nowhere": (response) => void response.writeHead(302).end(),
    ...Object.fromEntries(Object.entries(FORBIDDEN).map(([name, to]) => [slug(name), sentOn(to(secret.host))])),
    "/endless": endless,
    "/trickle": trickle,
    "/silent": silent,
    "/bomb": bomb(200),
    "/lying": lyingLength,
    "/exact": page("x".repeat(50_000), "text/plain"),
    "/picture": page(new Uint8Array([137, 80, 78, 71]), "image/png"),
    "/untyped": (response) => void response.writeHead(200).end("what am I"),
    "/packed": page("???", "text/plain", { "content-encoding": "compress" }),
    "/gone": (response) => void response.writeHead(410, { "content-type": "text/plain" }).end("gone"),
  });
});
afterAll(async () => {
  await site.close();
  await secret.close();
});
beforeEach(() => {
  asked = [];
});

const settings = (over: Partial<EgressSettings> = {}): EgressSettings => ({
  localHosts: [site.host],
  resolve: null,
  ...over,
});

const get = (url: string, over: Partial<Outgoing> = {}, within: EgressSettings = settings(), send: Send = watched) =>
  openEgress(
    within,
    send,
  )({
    url,
    mayReach: (host) => host === site.host,
    takes: (type) => type.startsWith("text/"),
    accept: "text/*",
    maxBytes: 50_000,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...over,
  });

const code = async (result: ReturnType<typeof get>): Promise<string> => {
  const given = await result;
  return given.ok ? `came back with ${given.value.bytes.byteLength} bytes` : given.refusal.code;
};

describe("a redirect", () => {
  it.each(Object.keys(FORBIDDEN))("to what may not be reached is not followed: %s", async (name) => {
    const before = secret.visits.length;
    const result = await get(`${site.origin}${slug(name)}`, { mayReach: (host) => host === site.host });
    expect(result.ok).toBe(false);
    expect(asked).toEqual([`${site.origin}${slug(name)}`]);
    expect(secret.visits).toHaveLength(before);
  });

  it.each(Object.keys(FORBIDDEN).filter((name) => name !== "another host"))(
    "is judged by its address even when every host is allowed: %s",
    async (name) => {
      const before = secret.visits.length;
      const result = await get(`${site.origin}${slug(name)}`, { mayReach: () => true });
      expect(result.ok).toBe(false);
      expect(asked).toHaveLength(1);
      expect(secret.visits).toHaveLength(before);
    },
  );

  it("to another public host says which host it wanted", async () => {
    const result = await get(`${site.origin}${slug("another host")}`);
    expect(result).toMatchObject({ ok: false, refusal: { code: "host_not_allowed", host: "example.com" } });
  });

  it("within the host is followed, and the answer says where it came from", async () => {
    const result = await get(`${site.origin}/one`);
    expect(result).toMatchObject({ ok: true, value: { url: `${site.origin}/?from=three`, mediaType: "text/html" } });
    expect(site.visits.slice(-4).map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is followed five times and not a sixth", async () => {
    expect(await code(get(`${site.origin}/chain/2`))).toMatch(/^came back/);
    expect(await code(get(`${site.origin}/chain/1`))).toBe("too_many_redirects");
    asked = [];
    expect(await code(get(`${site.origin}/ring`))).toBe("too_many_redirects");
    expect(asked).toHaveLength(6);
    expect(await code(get(`${site.origin}/nowhere`))).toBe("bad_redirect");
  });

  it("is not followed with a credential or a body", async () => {
    asked = [];
    expect(await code(get(`${site.origin}/one`, { credential: { header: "x-key", value: "k" } }))).toBe(
      "too_many_redirects",
    );
    expect(await code(get(`${site.origin}/one`, { json: { q: 1 } }))).toBe("too_many_redirects");
    expect(asked).toHaveLength(2);
  });
});

describe("nothing is asked for", () => {
  it.each([
    ["http://127.0.0.1:1/", "not_https"],
    ["https://127.0.0.1/", "private_address"],
    ["https://[::ffff:169.254.169.254]/", "private_address"],
    ["file:///etc/passwd", "not_https"],
    ["https://localhost/", "special_name"],
    ["https://elsewhere.org/", "host_not_allowed"],
  ])("at %s", async (url, expected) => {
    expect(await code(get(url))).toBe(expected);
    expect(asked).toEqual([]);
  });

  it("at a host that is local but was not allowed", async () => {
    const result = await get(`${secret.origin}/secret`, {}, settings({ localHosts: [site.host, secret.host] }));
    expect(result).toMatchObject({ ok: false, refusal: { code: "host_not_allowed", host: secret.host } });
    expect(asked).toEqual([]);
  });

  it.each([
    ["a private address", ["10.0.0.7"], "private_address"],
    ["a public and a private address", ["93.184.215.14", "127.0.0.1"], "private_address"],
    ["the metadata address in IPv6 clothes", ["::ffff:169.254.169.254"], "private_address"],
    ["nothing", [], "dns_failed"],
  ])("at a public name that leads to %s", async (_, answers, expected) => {
    const resolve = async () => answers;
    expect(await code(get("https://pages.example.org/", { mayReach: () => true }, settings({ resolve })))).toBe(
      expected,
    );
    expect(asked).toEqual([]);
  });

  it("at a name that cannot be looked up", async () => {
    const resolve = async () => Promise.reject(new Error("no resolver"));
    expect(await code(get("https://pages.example.org/", { mayReach: () => true }, settings({ resolve })))).toBe(
      "dns_failed",
    );
    expect(asked).toEqual([]);
  });
});

describe("a name", () => {
  it("is looked up anew for every hop, so that it cannot change between them", async () => {
    const names: string[] = [];
    const answers = [["93.184.215.14"], ["127.0.0.1"]];
    const resolve = async (name: string) => {
      names.push(name);
      return answers[names.length - 1] ?? [];
    };
    const send: Send = async (url) => {
      asked.push(url);
      return new Response(null, { status: 302, headers: { location: "/again" } });
    };
    const result = await get("https://pages.example.org/", { mayReach: () => true }, settings({ resolve }), send);
    expect(result).toMatchObject({ ok: false, refusal: { code: "private_address" } });
    expect(names).toEqual(["pages.example.org", "pages.example.org"]);
    expect(asked).toEqual(["https://pages.example.org/"]);
  });

  it("is asked of a resolver in both families, aliases aside, and an unclear answer is none", async () => {
    const answers: Record<string, object> = {
      A: {
        Status: 0,
        Answer: [
          { type: 5, data: "edge.example.net." },
          { type: 1, data: "93.184.215.14" },
        ],
      },
      AAAA: { Status: 0, Answer: [{ type: 28, data: "fd00::7" }] },
    };
    const resolver = await openWebSite({
      "/dns-query": (response, { path }) => {
        const query = new URLSearchParams(path.split("?")[1]);
        const given = query.get("name") === "broken.example.org" ? { Status: 2 } : answers[query.get("type") ?? ""];
        response.writeHead(200, { "content-type": "application/dns-json" }).end(JSON.stringify(given));
      },
    });
    const resolve = dohResolver(`${resolver.origin}/dns-query`, globalSend);
    const { signal } = new AbortController();
    expect(await resolve("pages.example.org", signal)).toEqual(["93.184.215.14", "fd00::7"]);
    await expect(resolve("broken.example.org", signal)).rejects.toThrow("no answer");
    expect(await code(get("https://pages.example.org/", { mayReach: () => true }, settings({ resolve })))).toBe(
      "private_address",
    );
    await resolver.close();
    expect(await code(get("https://pages.example.org/", { mayReach: () => true }, settings({ resolve })))).toBe(
      "dns_failed",
    );
    expect(asked).toEqual([]);
  });
});

describe("a body", () => {
  it("without end is read to the cap and then broken off", async () => {
    const before = site.brokenOff();
    const result = await get(`${site.origin}/endless`);
    expect(result).toMatchObject({ ok: true, value: { cut: true } });
    expect(result.ok && result.value.bytes.byteLength).toBe(50_000);
    await expect.poll(() => site.brokenOff()).toBe(before + 1);
  });

  it("that unpacks to a mountain is read to the cap", async () => {
    const result = await get(`${site.origin}/bomb`);
    expect(result).toMatchObject({ ok: true, value: { cut: true } });
    expect(result.ok && result.value.bytes.byteLength).toBe(50_000);
  });

  it("that fits exactly is whole", async () => {
    const result = await get(`${site.origin}/exact`);
    expect(result).toMatchObject({ ok: true, value: { cut: false } });
  });

  it("that trickles is given up when the time is over", async () => {
    const before = site.brokenOff();
    expect(await code(get(`${site.origin}/trickle`, { timeoutMs: 300 }))).toBe("timeout");
    await expect.poll(() => site.brokenOff()).toBe(before + 1);
  });

  it("that never begins is given up when the time is over, and at once when it is cancelled", async () => {
    expect(await code(get(`${site.origin}/silent`, { timeoutMs: 300 }))).toBe("timeout");
    const cancel = new AbortController();
    const before = site.visits.length;
    const going = code(get(`${site.origin}/silent`, { signal: cancel.signal }));
    await expect.poll(() => site.visits.length).toBe(before + 1);
    cancel.abort();
    expect(await going).toBe("cancelled");
    expect(await code(get(`${site.origin}/`, { signal: cancel.signal }))).toBe("cancelled");
  });

  it("that is shorter than it says is a failure, not a page", async () => {
    expect(await code(get(`${site.origin}/lying`))).toBe("unreachable");
  });

  it.each([
    ["/picture", "unsupported_type"],
    ["/untyped", "unsupported_type"],
    ["/packed", "unsupported_encoding"],
    ["/gone", "http_status"],
    ["/none", "http_status"],
  ])("of no use is refused: %s", async (path, expected) => {
    expect(await code(get(`${site.origin}${path}`))).toBe(expected);
  });
});

it("carries no cookie, no credential and its own name", async () => {
  await get(`${site.origin}/`);
  const headers = site.visits.at(-1)?.headers ?? {};
  expect(headers["user-agent"]).toBe("Retinue/0.1");
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(["cookie"]));
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(["authorization"]));
  expect(headers.referer).toBeUndefined();
});

it("says that a server which is not there cannot be reached", async () => {
  const gone = await openWebSite({});
  await gone.close();
  const result = await get(`${gone.origin}/`, { mayReach: () => true }, settings({ localHosts: [gone.host] }));
  expect(result).toMatchObject({ ok: false, refusal: { code: "unreachable" } });
});
