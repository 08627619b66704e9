// Keeps the terminal readable: everything goes to the log file, and only errors come through to the person. wrangler writes
// an error as a line opening with `✘ [ERROR]` and the lines that belong to it, up to two empty ones or the next notice.

import { stripVTControlCharacters } from "node:util";

/** Takes output as it comes; `log` gets all of it, `show` the lines of errors, `tail` remembers the last ones. */
export class LogSieve {
  readonly #log: (text: string) => void;
  readonly #show: (line: string) => void;
  readonly #tail: string[] = [];
  #rest = "";
  #inError = false;
  #empty = 0;

  constructor(log: (text: string) => void, show: (line: string) => void) {
    this.#log = log;
    this.#show = show;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const plain = stripVTControlCharacters(line);
      this.#log(`${plain}\n`);
      this.#take(plain);
    }
  }

  /** The last lines that said something. */
  tail(): string {
    return [...this.#tail, this.#rest].filter((line) => line.trim() !== "").join("\n");
  }

  #take(line: string): void {
    if (line.trim() !== "") {
      this.#tail.push(line);
      if (this.#tail.length > 30) this.#tail.shift();
    }
    if (/^\s*(✘|X) \[ERROR\]/.test(line)) this.#inError = true;
    else if (/^\s*(▲|\[wrangler:|⎔|🪵)/u.test(line)) this.#inError = false;
    this.#empty = line.trim() === "" ? this.#empty + 1 : 0;
    if (this.#empty >= 2) this.#inError = false;
    if (this.#inError && line.trim() !== "") this.#show(line.replace(/^\s*(✘|X) \[ERROR\] /, "error: "));
  }
}
