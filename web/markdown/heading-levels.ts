// The headings of a text among those of the page: the first is of the second level, and none is more than one level deeper than
// the one above it, whatever its writer counted.

interface Node {
  readonly type: string;
  tagName?: string | undefined;
  readonly children?: readonly Node[];
}

const TOP = 2;
const DEEPEST = 6;

/** A rehype plugin. */
export const headingLevels = () => (tree: Node) => {
  const open: number[] = [];
  const visit = (node: Node): void => {
    const depth = /^h([1-6])$/.exec(node.tagName ?? "")?.[1];
    if (depth !== undefined) {
      while ((open.at(-1) ?? 0) >= Number(depth)) open.pop();
      open.push(Number(depth));
      node.tagName = `h${Math.min(DEEPEST, TOP - 1 + open.length)}`;
    }
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
};
