// HTML to the text a person would read, as Markdown: title, headings, paragraphs, lists, tables, code, links made absolute.
// What a person would not see is left out: scripts, styles, comments, hidden elements; and so is what stands around the text
// (navigation, footers) when there is text besides. One pass over the parser's events: no tree, no recursion, no quadratic page.
import { Parser } from "htmlparser2";
import { isHidden, isSurrounding, NEVER_SHOWN } from "./page-elements.ts";
import { TextBlocks } from "./text-blocks.ts";

/** A page, readable. */
export interface ReadablePage {
  readonly title: string | null;
  readonly text: string;
  /** It was read only as far as it nests like a page. */
  readonly cut: boolean;
}

interface Open {
  readonly name: string;
  readonly hidden: boolean;
  readonly main: boolean;
  readonly surrounding: boolean;
}

const HEADING = /^h([1-6])$/;
const BLOCKS = new Set(
  "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form header html main nav p section summary".split(
    " ",
  ),
);
/** Where a title is the page's, and not a picture's. */
const TITLED: ReadonlySet<string | undefined> = new Set([undefined, "html", "head", "body"]);
/** A page's main part counts when it says at least this much; else the whole page is shown. */
const ENOUGH = 200;
/** The parser's own work grows with the depth; deeper than this goes no page that was written to be read. */
const MOST_DEPTH = 1_000;
const CHUNK = 16_384;

/** Reads a page that came from `url`. */
export const readable = (html: string, url: string): ReadablePage => {
  const page = new Page(url);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => page.open(name, attributes),
      ontext: (text) => page.text(text),
      onclosetag: (name) => page.close(name),
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  for (let at = 0; at < html.length && !page.tooDeep; at += CHUNK) parser.write(html.slice(at, at + CHUNK));
  if (!page.tooDeep) parser.end();
  return page.read();
};

class Page {
  readonly #blocks = new TextBlocks();
  readonly #stack: Open[] = [];
  #base: string;
  #title = "";
  #inTitle = false;
  /** Nothing more of it is looked at. */
  tooDeep = false;

  constructor(url: string) {
    this.#base = url;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.tooDeep ||= this.#stack.length >= MOST_DEPTH;
    if (this.tooDeep) return;
    const above = this.#stack.at(-1);
    const hidden = above?.hidden === true || NEVER_SHOWN.has(name) || isHidden(name, attributes);
    const main = above?.main === true || name === "main" || name === "article" || attributes.role === "main";
    const surrounding = above?.surrounding === true || isSurrounding(name, attributes, main);
    this.#stack.push({ name, hidden, main, surrounding });
    if (name === "title" && TITLED.has(above?.name) && this.#title === "") this.#inTitle = true;
    if (name === "base" && attributes.href !== undefined)
      this.#base = absolute(attributes.href, this.#base) ?? this.#base;
    if (hidden) return;
    this.#blocks.stand({ main, surrounding });
    this.#begin(name, attributes);
  }

  text(text: string): void {
    if (this.tooDeep) return;
    if (this.#inTitle) this.#title += text;
    else if (this.#stack.at(-1)?.hidden !== true) this.#blocks.text(text);
  }

  close(name: string): void {
    if (this.tooDeep) return;
    const closed = this.#stack.pop();
    if (name === "title") this.#inTitle = false;
    if (closed === undefined || closed.hidden) return;
    this.#finish(name);
    const above = this.#stack.at(-1);
    this.#blocks.stand({ main: above?.main === true, surrounding: above?.surrounding === true });
  }

  read(): ReadablePage {
    const blocks = this.#blocks.all();
    const told = (some: readonly { readonly text: string }[]) => some.reduce((sum, { text }) => sum + text.length, 0);
    const main = blocks.filter((block) => block.main && !block.surrounding);
    const rest = blocks.filter((block) => !block.surrounding);
    const shown = told(main) >= ENOUGH ? main : told(rest) > 0 ? rest : blocks;
    const title = this.#title.replaceAll(/\s+/g, " ").trim();
    return { title: title === "" ? null : title, text: joined(shown), cut: this.tooDeep };
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>): void {
    const blocks = this.#blocks;
    const heading = HEADING.exec(name);
    if (heading !== null) blocks.heading(Number(heading[1]));
    else if (name === "br") blocks.lineBreak();
    else if (name === "hr") blocks.rule();
    else if (name === "ul" || name === "ol") blocks.openList(name === "ol");
    else if (name === "li") blocks.item();
    else if (name === "pre") blocks.openCode();
    else if (name === "code" || name === "kbd" || name === "samp") blocks.tick();
    else if (name === "table") blocks.openTable();
    else if (name === "tr") blocks.openRow();
    else if (name === "td" || name === "th") blocks.openCell();
    else if (name === "a")
      blocks.openLink(attributes.href === undefined ? null : absolute(attributes.href, this.#base));
    else if (name === "img" && attributes.alt?.trim()) blocks.text(`[image: ${attributes.alt.trim()}]`);
    else if (BLOCKS.has(name)) blocks.end();
  }

  #finish(name: string): void {
    const blocks = this.#blocks;
    if (HEADING.test(name)) blocks.end();
    else if (name === "ul" || name === "ol") blocks.closeList();
    else if (name === "li") blocks.end();
    else if (name === "pre") blocks.closeCode();
    else if (name === "code" || name === "kbd" || name === "samp") blocks.tick();
    else if (name === "table") blocks.closeTable();
    else if (name === "tr") blocks.closeRow();
    else if (name === "td" || name === "th") blocks.closeCell();
    else if (name === "a") blocks.closeLink();
    else if (BLOCKS.has(name)) blocks.end();
  }
}

const absolute = (href: string, base: string): string | null => {
  const text = href.trim();
  if (text === "" || text.startsWith("#") || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
};

/** Items and rows stand line under line, everything else with a space between. */
const joined = (blocks: readonly { readonly text: string; readonly tight: boolean }[]): string => {
  let text = "";
  let tight = false;
  for (const block of blocks) {
    if (text !== "") text += block.tight && tight ? "\n" : "\n\n";
    text += block.text;
    tight = block.tight;
  }
  return text;
};
