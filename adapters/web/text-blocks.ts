// Collects running text into blocks of Markdown: what is open (a list, a table, a link, code) decides how the next piece is
// written. Knows nothing of HTML; it is told what begins and ends.

/** One block, and where on the page it stood. */
export interface TextBlock extends Standing {
  readonly text: string;
  /** Belongs to the line above: a list's item, a table's row. */
  readonly tight: boolean;
}

/** Where text stands. */
export interface Standing {
  readonly main: boolean;
  readonly surrounding: boolean;
}

interface List {
  readonly ordered: boolean;
  count: number;
}

interface Table {
  rows: number;
  row: string[];
  /** It holds other tables: it places things, and its cells are no cells. */
  layout: boolean;
  inCell: boolean;
}

const MOST_INDENT = 6;

export class TextBlocks {
  readonly #blocks: TextBlock[] = [];
  readonly #lists: List[] = [];
  readonly #tables: Table[] = [];
  #standing: Standing = { main: false, surrounding: false };
  #line: string[] = [];
  #prefix = "";
  #tight = false;
  #code = 0;
  #link: { readonly href: string; at: number } | null = null;

  /** Where what comes next stands. */
  stand(standing: Standing): void {
    if (standing.main === this.#standing.main && standing.surrounding === this.#standing.surrounding) return;
    this.end();
    this.#standing = standing;
  }

  text(text: string): void {
    this.#line.push(this.#code > 0 ? text : text.replaceAll(/\s+/g, " "));
  }

  /** The current block is over. Inside a table's cell it is only a space. */
  end(): void {
    if (this.#code > 0) return;
    if (this.#cell() !== null) {
      this.#line.push(" ");
      return;
    }
    this.#push(this.#takeLine());
  }

  heading(level: number): void {
    this.end();
    if (this.#cell() === null) this.#prefix = `${"#".repeat(level)} `;
  }

  lineBreak(): void {
    this.#line.push(this.#cell() === null ? "\n" : " ");
  }

  rule(): void {
    this.end();
    if (this.#cell() === null) this.#push("---");
  }

  openList(ordered: boolean): void {
    this.end();
    this.#lists.push({ ordered, count: 0 });
  }

  closeList(): void {
    this.end();
    this.#lists.pop();
  }

  item(): void {
    this.end();
    if (this.#cell() !== null) return;
    const list = this.#lists.at(-1);
    if (list !== undefined) list.count += 1;
    const indent = "  ".repeat(Math.min(MOST_INDENT, Math.max(0, this.#lists.length - 1)));
    this.#prefix = `${indent}${list?.ordered === true ? `${list.count}.` : "-"} `;
    this.#tight = true;
  }

  openCode(): void {
    this.end();
    this.#code += 1;
  }

  closeCode(): void {
    if (this.#code === 0) return;
    this.#code -= 1;
    if (this.#code > 0 || this.#cell() !== null) return;
    const text = this.#line.join("").replace(/^\n+/, "").trimEnd();
    this.#line = [];
    this.#link = null;
    if (text === "") return;
    const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
    const fence = "`".repeat(longest + 1);
    this.#push(`${fence}\n${text}\n${fence}`);
  }

  tick(): void {
    if (this.#code === 0) this.#line.push("`");
  }

  openTable(): void {
    for (const table of this.#tables) {
      if (table.layout) continue;
      table.layout = true;
      table.inCell = false;
      for (const cell of table.row.splice(0)) this.#push(cell);
    }
    this.end();
    this.#tables.push({ rows: 0, row: [], layout: false, inCell: false });
  }

  closeTable(): void {
    this.closeRow();
    this.#tables.pop();
    this.end();
  }

  openRow(): void {
    this.closeRow();
    this.end();
  }

  closeRow(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return this.end();
    if (table.inCell) this.closeCell();
    const row = table.row.splice(0);
    if (row.every((cell) => cell === "")) return;
    if (row.length === 1) return this.#push(row[0] ?? "");
    table.rows += 1;
    this.#tight = table.rows > 1;
    this.#push(`| ${row.join(" | ")} |${table.rows === 1 ? `\n|${" --- |".repeat(row.length)}` : ""}`, true);
  }

  openCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined || table.layout) return this.end();
    if (table.inCell) this.closeCell();
    else this.end();
    table.inCell = true;
  }

  closeCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined || !table.inCell) return this.end();
    table.row.push(this.#takeLine().replaceAll(/\s+/g, " ").replaceAll("|", "\\|"));
    table.inCell = false;
  }

  openLink(href: string | null): void {
    this.closeLink();
    this.#link = href === null || this.#code > 0 ? null : { href, at: this.#line.length };
  }

  closeLink(): void {
    if (this.#link !== null) this.#wrapLink(this.#link);
    this.#link = null;
  }

  /** All blocks, in their order. */
  all(): readonly TextBlock[] {
    while (this.#code > 0) this.closeCode();
    while (this.#tables.length > 0) this.closeTable();
    this.end();
    return this.#blocks;
  }

  #cell(): Table | null {
    const table = this.#tables.at(-1);
    return table?.inCell === true ? table : null;
  }

  #wrapLink({ href, at }: { readonly href: string; readonly at: number }): void {
    const words = this.#line.splice(at).join("");
    const text = words.trim();
    if (text === "") return void this.#line.push(words);
    const link = `[${text.replaceAll(/[[\]]/g, "\\$&")}](${href.replaceAll(")", "%29")})`;
    this.#line.push(words.trimStart() === words ? "" : " ", link, words.trimEnd() === words ? "" : " ");
  }

  /** What stands in the line; a link around several blocks is a link in each. */
  #takeLine(): string {
    const link = this.#link;
    if (link !== null) this.#wrapLink(link);
    const text = this.#line
      .join("")
      .replaceAll(/ {2,}/g, " ")
      .replaceAll(/ ?\n ?/g, "\n")
      .trim();
    this.#line = [];
    if (link !== null) this.#link = { href: link.href, at: 0 };
    return text === "``" ? "" : text;
  }

  #push(text: string, tight = this.#tight): void {
    if (text === "") return;
    const inside = tight || this.#lists.length === 0 ? "" : "  ".repeat(Math.min(MOST_INDENT, this.#lists.length));
    this.#blocks.push({ ...this.#standing, text: `${this.#prefix || inside}${text}`, tight });
    this.#prefix = "";
    this.#tight = false;
  }
}
