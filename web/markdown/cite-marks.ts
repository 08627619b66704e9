// The numbers an answer cites by, `[2]` or `[1, 3]`, as marks that can be pressed. Only numbers of things it was shown; never
// inside code or a link.

interface Node {
  readonly type: string;
  readonly tagName?: string;
  readonly value?: string;
  children?: Node[] | undefined;
  readonly properties?: Record<string, unknown>;
}

const NUMBERS = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;
const NO_MARKS_IN: ReadonlySet<string> = new Set(["a", "code", "pre"]);

const text = (value: string): Node => ({ type: "text", value });
const mark = (n: number): Node => ({
  type: "element",
  tagName: "sup",
  properties: { "data-cite": n },
  children: [text(String(n))],
});

const split = (value: string, numbers: ReadonlySet<number>): Node[] => {
  const nodes: Node[] = [];
  let at = 0;
  for (const match of value.matchAll(NUMBERS)) {
    const cited = (match[1] ?? "").split(/[,;]/).map(Number);
    if (!cited.every((n) => numbers.has(n))) continue;
    if (match.index > at) nodes.push(text(value.slice(at, match.index)));
    nodes.push(...cited.map(mark));
    at = match.index + match[0].length;
  }
  if (at < value.length) nodes.push(text(value.slice(at)));
  return nodes;
};

/** A rehype plugin; it runs after everything that removes what it does not know. */
export const citeMarks = (numbers: ReadonlySet<number>) => (tree: Node) => {
  const visit = (node: Node): void => {
    if (numbers.size === 0 || NO_MARKS_IN.has(node.tagName ?? "")) return;
    node.children = node.children?.flatMap((child) => {
      if (child.type === "text") return split(child.value ?? "", numbers);
      visit(child);
      return [child];
    });
  };
  visit(tree);
};
