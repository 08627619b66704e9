// What a person reads before they say yes.
import { expect, it } from "vitest";
import { approvalText, callLine } from "#client/cli/describe.ts";

const at = { expires_at: "2026-11-21T12:00:00.000Z" };

it("shows the exact address a page would be read from, and what else a yes means", () => {
  const asked = { ...at, tool: "web_fetch", arguments: { url: "https://tea.example.org:8443/a?b=c" } };
  expect(approvalText(asked, "Scout")).toBe(
    [
      "Scout asks to run web_fetch:",
      '  url: "https://tea.example.org:8443/a?b=c"',
      "  (a yes also lets the agents of this project read from tea.example.org:8443 from now on)",
      "  (counts as no after 2026-11-21T12:00:00.000Z)",
    ].join("\n"),
  );
  expect(callLine(asked.tool, asked.arguments)).toBe('web_fetch "https://tea.example.org:8443/a?b=c"');
});

it("says nothing of hosts where there is none", () => {
  const asked = { ...at, tool: "write_file", arguments: { path: "a.md", content: "x" } };
  expect(approvalText(asked, "Scout")).not.toContain("a yes also");
  expect(callLine("web_search", { query: "tea", count: 8 })).toBe('web_search query="tea" count=8');
});

it("says where a file goes before what is in it, in whatever order that came", () => {
  const asked = { ...at, tool: "write_file", arguments: { content: "x", path: "a.md" } };
  const said = approvalText(asked, "Scout");
  expect(said.indexOf('path: "a.md"')).toBeGreaterThan(0);
  expect(said.indexOf('path: "a.md"')).toBeLessThan(said.indexOf("content (1 bytes)"));
});
