// Markdown of models and strangers, drawn: nothing of it runs, nothing is fetched, nothing hides.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "#web/markdown/markdown.tsx";

const drawn = (text: string, cited = "") => renderToStaticMarkup(createElement(Markdown, { text, cited }));

describe("Markdown", () => {
  it("is drawn, tables and lists too", () => {
    expect(drawn("# Tides\n\n- **high**\n\n| a | b |\n|---|---|\n| 1 | 2 |")).toMatch(
      /<h2>Tides<\/h2>[\s\S]*<strong>high<\/strong>[\s\S]*<td>2<\/td>/,
    );
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    '<svg onload="alert(1)"></svg>',
    "<a href='javascript:alert(1)'>x</a>",
  ])("holds no HTML of its writer: %s", (html) => {
    const out = drawn(`before ${html} after`);
    expect(out).not.toMatch(/<(script|img|iframe|style|svg|a)\b/);
    expect(out).toContain("before");
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](data:text/html,hm)",
    "[x](vbscript:hm)",
    "[x](/my/docs)",
    "[x](file:///etc)",
  ])("has no link but to the web and to mail: %s", (text) => expect(drawn(text)).not.toContain("<a"));

  it("opens links elsewhere and tells the place they lead to nothing", () => {
    expect(drawn("[x](https://example.com/a)")).toContain(
      '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow"',
    );
  });

  it("has headings that fit below the page's own, and none that skips a level", () => {
    expect(drawn("### a\n\n##### b\n\n### c\n\n# d\n\n#### e").match(/<h\d>\w/g)).toEqual([
      "<h2>a",
      "<h3>b",
      "<h2>c",
      "<h2>d",
      "<h3>e",
    ]);
  });

  it("names pictures and fetches none", () => {
    const out = drawn("![a cat](https://evil.example/track.png) ![r][1]\n\n[1]: https://evil.example/2.png");
    expect(out).not.toContain("<img");
    expect(out).toContain("[picture: a cat]");
  });

  it("shows control characters instead of obeying them", () => {
    const out = drawn("safe\u202etxt.exe \u0007 \u001b[31m");
    for (const control of ["\u202e", "\u0007", "\u001b"]) expect(out).not.toContain(control);
    expect(out).toContain("&lt;U+202E&gt;");
  });

  it("shows a line of 100 kB as text with a way to see all of it, and not as Markdown", () => {
    const out = drawn(`**${"x".repeat(100_000)}**`);
    expect(out).not.toContain("<strong>");
    expect(out.length).toBeLessThan(30_000);
    expect(out).toContain("Show all");
  });

  it("makes marks of the numbers that are cited, of no others, and of none in code or links", () => {
    const out = drawn("High [1], low [2, 3], no [4]. `[1]` [[1]](https://example.com)", "1,2,3");
    expect(out.match(/Source \d/g)).toEqual(["Source 1", "Source 2", "Source 3"]);
    expect(out).toContain("no [4]");
    expect(out).toContain("<code>[1]</code>");
  });
});
