// A page becomes what a person would read of it: no more, and no less.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText } from "#adapters/web/decode-text.ts";
import { readable } from "#adapters/web/readable.ts";

const text = (html: string): string => readable(html, "https://example.org/docs/page").text;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utf8 = (words: string): Uint8Array => new TextEncoder().encode(words);

describe("a page", () => {
  it("is read as Markdown, with its title apart", () => {
    const html = `<!doctype html><html><head><title> The  Page </title><style>p{}</style></head><body>
      <h1>Tea &amp; biscuits</h1><p>First <b>line</b><br>second line.</p>
      <ul><li>one<li>two <code>x = 1</code><ol><li>deep</li><li>deeper</li></ol></ul>
      <p>See <a href="../help?q=1#top"> the help </a>now.</p><hr>
      <pre><code>if (a) {
  b();
}</code></pre>
      <table><tr><th>Name<th>Price</tr><tr><td>Tea<td>3 | 4</tr></table>
      <img src="x.png" alt="a cup"></body></html>`;
    expect(readable(html, "https://example.org/docs/page")).toEqual({
      title: "The Page",
      text: [
        "# Tea & biscuits",
        "First line\nsecond line.",
        "- one\n- two `x = 1`\n  1. deep\n  2. deeper",
        "See [the help](https://example.org/help?q=1#top) now.",
        "---",
        "```\nif (a) {\n  b();\n}\n```",
        "| Name | Price |\n| --- | --- |\n| Tea | 3 \\| 4 |",
        "[image: a cup]",
      ].join("\n\n"),
      cut: false,
    });
  });

  it("keeps to itself what nobody sees", () => {
    const unseen = [
      "<script>evil()</script>",
      "<style>evil{}</style>",
      "<noscript>evil</noscript>",
      "<template>evil</template>",
      "<!-- evil -->",
      "<p hidden>evil</p>",
      '<div aria-hidden="TRUE"><p>evil</p></div>',
      '<span style="color:red; Display : none">evil</span>',
      '<span style="visibility:hidden">evil</span>',
      '<span style="font-size:0px">evil</span>',
      '<span style="opacity:0">evil</span>',
      "<svg><title>evil</title><text>evil</text></svg>",
      "<iframe>evil</iframe>",
      "<dialog>evil</dialog>",
      "<textarea>evil</textarea>",
      "<select><option>evil</option></select>",
      '<meta name="description" content="evil">',
      '<a href="https://example.org/" title="evil"></a>',
    ];
    for (const part of unseen) expect(text(`<p>before</p>${part}<p>after</p>`), part).toBe("before\n\nafter");
    expect(text('<p style="opacity:0.9;font-size:0.9em">seen</p>')).toBe("seen");
  });

  it("gives its main part when that says enough, and leaves out what stands around it", () => {
    const long = "A sentence that says something. ".repeat(10).trim();
    const around = "<header>Brand</header><nav><a href=/a>Home</a></nav><aside>Ads</aside><footer>Imprint</footer>";
    expect(text(`${around}<div>Related</div><main><h1>T</h1><p>${long}</p><nav>contents</nav></main>`)).toBe(
      `# T\n\n${long}`,
    );
    expect(text(`${around}<p>${long}</p>`)).toBe(long);
    expect(text(`${around}<article><p>Short.</p></article><p>More.</p>`)).toBe("Short.\n\nMore.");
    expect(text("<nav><a href=/a>Home</a></nav>")).toBe("[Home](https://example.org/a)");
  });

  it("links only to what can be fetched", () => {
    expect(text('<a href="javascript:alert(1)">a</a> <a href="#part">b</a> <a>c</a> <a href="mailto:x@y">d</a>')).toBe(
      "a b c d",
    );
    expect(text('<base href="https://other.org/x/"><a href="y">z</a>')).toBe("[z](https://other.org/x/y)");
    expect(text('<a href="/p(1)">a ] b</a>')).toBe("[a \\] b](https://example.org/p(1%29)");
    expect(text('<a href="/card"><h3>Title</h3><p>Words</p></a>')).toBe(
      "### [Title](https://example.org/card)\n\n[Words](https://example.org/card)",
    );
  });

  it("that is laid out with tables is still read as text", () => {
    expect(text("<table><tr><td>menu</td><td><table><tr><td>a<td>b</table><p>Story</p></td></tr></table>")).toBe(
      "menu\n\n| a | b |\n| --- | --- |\n\nStory",
    );
  });

  it("cannot close the code it is quoted in", () => {
    expect(text("<pre>a\n```\nb</pre>")).toBe("````\na\n```\nb\n````");
  });

  it.each([
    "<div>",
    "<b>",
    "<ul><li>",
    "<table><tr><td>",
    "<a href=x>",
    "<pre>",
    "<td><p>",
    "</p>",
    "</b>",
    "<p",
    "<!--",
    "<br> ",
    "&nbsp;\n",
    "`",
    "<code>",
    "<h1>",
    "<i></i>",
    "<p>x</p>",
  ])("of a hundred thousand %s is read in its stride", (tag) => {
    const page = readable(`<p>start</p>${tag.repeat(100_000)}x`, "https://example.org/");
    expect(page.text).toMatch(/^start/);
  });

  it("that nests without end says that it was cut", () => {
    expect(readable("<div>".repeat(2_000), "https://example.org/").cut).toBe(true);
    expect(readable("<div>".repeat(900), "https://example.org/").cut).toBe(false);
  });

  it("of any shape at all gives text and throws nothing", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."<p> </p> <a href=/x> </a> <table> <tr> <td> </td> </table> <ul> <ol> <li> </ul> <pre> </pre> <code> </code> <h2> </h2> <main> </main> <nav> </nav> <div hidden> </div> <br> &amp; ` |".split(
          " ",
        ),
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(typeof text(pieces.join(""))).toBe("string");
      }),
    );
  });
});

describe("bytes", () => {
  it("are read by what the header says, then by what the page says, then as they fit", () => {
    const привет = bytes(0xef, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2);
    expect(decodeText(привет, "windows-1251", false)).toBe("привет");
    const declared = Uint8Array.from([...utf8('<meta charset="windows-1251">'), ...привет]);
    expect(decodeText(declared, null, false)).toBe('<meta charset="windows-1251">привет');
    expect(decodeText(utf8("привет"), null, false)).toBe("привет");
    expect(decodeText(bytes(0x63, 0x61, 0x66, 0xe9), null, false)).toBe("café");
    expect(decodeText(utf8("café"), "no-such-charset", false)).toBe("café");
    expect(decodeText(utf8('<meta charset="utf-16"> é'), null, false)).toContain("é");
    expect(decodeText(bytes(0xff, 0xfe, 0x41, 0), "windows-1251", false)).toBe("A");
  });

  it("that were cut inside a character lose only that character", () => {
    expect(decodeText(utf8("aпр").subarray(0, 4), null, true)).toBe("aп");
  });

  it("lose what cannot be seen and keep what joins letters", () => {
    const hidden = [..."obey"].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join("");
    expect(decodeText(utf8(`a${hidden}b\u202Ec\u200Bd\u0007e\x1b[31m\r\nf👩‍💻`), null, false)).toBe("abcde[31m\nf👩‍💻");
  });
});
