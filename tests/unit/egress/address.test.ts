// Addresses in every disguise: whatever spelling the parser knows, what may not be reached is refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeAnswers, judgeUrl } from "#domain/egress/address.ts";
import { ipv4Number, ipv6Number, specialAddress } from "#domain/egress/ranges.ts";

const codeOf = (url: string, local: readonly string[] = []): string => {
  const judged = judgeUrl(url, local);
  return judged.ok ? judged.value.host : judged.refusal.code;
};

describe("a literal address that may not be reached", () => {
  it.each([
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0x7F.0X0.0x0.0x1",
    "127.0.0.1.",
    "127。0。0。1",
    "127.0.0.1",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "012.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.19.255.255",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:169.254.169.254]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::1]",
    "[2001:db8::1]",
    "[2606:4700::5efe:127.0.0.1]",
    "[2606:4700:0:0:200:5efe:a9fe:a9fe]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[4000::1]",
  ])("is refused: %s", (host) => {
    expect(codeOf(`https://${host}/latest/meta-data/`)).toBe("private_address");
    expect(codeOf(`https://${host}:8443/`)).toBe("private_address");
  });

  it.each([
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[::1",
    "256.256.256.256",
    "1.2.3.4.5",
    "0x100000000",
    "127.0.0.1.0x",
  ])("is no URL at all: %s", (host) => {
    expect(codeOf(`https://${host}/`)).toBe("bad_url");
  });
});

describe("a name", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost",
    "db.localhost",
    "printer.local",
    "metadata",
    "metadata.google.internal",
    "metadata.google.internal.",
    "instance-data.ec2.internal",
    "router.home.arpa",
    "facebookcorewwwi.onion",
    "1.0.0.127.in-addr.arpa",
    "kubernetes.default.svc",
    "nas.lan",
    "server.test",
    "127.0.0.1.nip.io",
    "a.localtest.me",
  ])("of special use is refused: %s", (host) => {
    expect(codeOf(`https://${host}/`)).toBe("special_name");
  });

  it("of the public is judged by its answers", () => {
    const judged = judgeUrl("https://Example.COM./a b?q=1#part");
    expect(judged).toEqual({
      ok: true,
      value: { href: "https://example.com/a%20b?q=1", host: "example.com", resolve: "example.com" },
    });
    expect(judgeAnswers("example.com", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])).toBeNull();
    expect(judgeAnswers("example.com", ["93.184.215.14", "10.0.0.7"])?.code).toBe("private_address");
    expect(judgeAnswers("example.com", ["::ffff:10.0.0.7"])?.code).toBe("private_address");
    expect(judgeAnswers("example.com", ["fe80::1%eth0"])?.code).toBe("private_address");
    expect(judgeAnswers("example.com", ["not an address"])?.code).toBe("private_address");
  });

  it("that only looks like another is shown as what it is", () => {
    expect(codeOf("https://exаmple.com/")).toBe("xn--exmple-4nf.com");
    expect(codeOf("https://example.com/")).toBe("example.com");
  });

  it("that merely ends like a special one is an ordinary name", () => {
    expect(codeOf("https://mylocalhost.com/")).toBe("mylocalhost.com");
    expect(codeOf("https://notlocal.org/")).toBe("notlocal.org");
    expect(codeOf("https://example.org/")).toBe("example.org");
  });
});

describe("a URL", () => {
  it.each([
    ["http://example.com/", "not_https"],
    ["ftp://example.com/", "not_https"],
    ["file:///etc/passwd", "not_https"],
    ["data:text/html,hello", "not_https"],
    ["javascript:alert(1)", "not_https"],
    ["blob:https://example.com/1", "not_https"],
    ["ws://example.com/", "not_https"],
    ["https://user@example.com/", "credentials_in_url"],
    ["https://:secret@example.com/", "credentials_in_url"],
    ["https://example.com@127.0.0.1/", "credentials_in_url"],
    ["https://example.com:22/", "port_refused"],
    ["https://example.com:80/", "port_refused"],
    ["https://example.com:6379/", "port_refused"],
    ["//example.com/", "bad_url"],
    ["example.com", "bad_url"],
    ["https://", "bad_url"],
    ["https://..", "bad_url"],
    ["https://./", "bad_url"],
    ["https://exa mple.com/", "bad_url"],
    [`https://example.com/${"a".repeat(5_000)}`, "bad_url"],
  ])("is refused: %s", (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  it("names another host on another port", () => {
    expect(codeOf("https://example.com:443/")).toBe("example.com");
    expect(codeOf("https://example.com:8443/")).toBe("example.com:8443");
  });

  it("may be local and unencrypted only for the exact host and port the installation declared", () => {
    const local = ["127.0.0.1:8080"];
    expect(codeOf("http://127.0.0.1:8080/x", local)).toBe("127.0.0.1:8080");
    expect(codeOf("http://2130706433:8080/x", local)).toBe("127.0.0.1:8080");
    expect(codeOf("http://127.0.0.1:8081/", local)).toBe("not_https");
    expect(codeOf("https://127.0.0.1/", local)).toBe("private_address");
    expect(codeOf("http://localhost:8080/", local)).toBe("not_https");
    expect(codeOf("http://a@127.0.0.1:8080/", local)).toBe("credentials_in_url");
    expect(codeOf("http://127.0.0.1/", ["127.0.0.1:80"])).toBe("127.0.0.1");
    expect(codeOf("http://127.0.0.1:443/", ["127.0.0.1:80"])).toBe("not_https");
  });
});

const dotted = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
const fullwidth = (text: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

/** The spellings of one IPv4 address a URL knows. */
const spellings = (number: number): readonly string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = dotted(number).split(".").map(Number);
  return [
    dotted(number),
    `${dotted(number)}.`,
    String(number),
    `0x${number.toString(16)}`,
    `0${number.toString(8)}`,
    `${a}.${number & 0xffffff}`,
    `${a}.${b}.${number & 0xffff}`,
    `0x${a.toString(16)}.0${b.toString(8)}.${c}.0X${d.toString(16)}`,
    fullwidth(dotted(number)),
    dotted(number).replaceAll(".", "。"),
    [...dotted(number)].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(""),
  ];
};

const IPV4_BLOCKS: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];

const blocked = fc
  .constantFrom(...IPV4_BLOCKS)
  .chain(([base, bits]) =>
    fc.integer({ min: 0, max: 2 ** (32 - bits) - 1 }).map((offset) => Number(ipv4Number(base) ?? 0n) + offset),
  );

describe("for every address", () => {
  it("of a block that may not be reached, no spelling and no IPv6 form of it is let through", () => {
    fc.assert(
      fc.property(blocked, (number) => {
        const hex = `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
        const sixes = [
          `[::ffff:${dotted(number)}]`,
          `[::ffff:${hex}]`,
          `[::${hex}]`,
          `[64:ff9b::${hex}]`,
          `[2002:${hex}::1]`,
          `[2001:0:${hex}::1]`,
          `[2a00:1450::5efe:${hex}]`,
        ];
        for (const host of [...spellings(number), ...sixes])
          expect(codeOf(`https://${host}/`), host).toBe("private_address");
        expect(judgeAnswers("a.example.com", [dotted(number)])).not.toBeNull();
        expect(judgeAnswers("a.example.com", [`::ffff:${dotted(number)}`])).not.toBeNull();
      }),
    );
  });

  it("all spellings are one: they are judged alike and name the same host", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        const judged = spellings(number).map((host) => codeOf(`https://${host}/`));
        const plain = specialAddress(dotted(number)) === null ? dotted(number) : "private_address";
        expect(new Set(judged)).toEqual(new Set([plain]));
      }),
    );
  });

  it("an IPv6 address reads as the same number however it is written, and only global unicast is let through", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const number = ipv6Number(text);
        const normal = new URL(`https://[${text}]/`).hostname.slice(1, -1);
        expect(number).not.toBeNull();
        expect(ipv6Number(normal)).toBe(number);
        if ((number ?? 0n) >> 125n !== 1n) expect(codeOf(`https://[${text}]/`)).toBe("private_address");
      }),
    );
  });

  it("no text makes the judge throw or lets another scheme through", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true })), (text) => {
        const judged = judgeUrl(text);
        if (judged.ok) expect(judged.value.href).toMatch(/^https:\/\/[^/@#]+\//);
      }),
    );
  });
});
