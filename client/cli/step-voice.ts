// What one step of a plan says while it says it, as a few short lines: several steps speak at once, and none of them is the
// answer. The whole is kept by the server.

const MOST_LINES = 4;
const LONGEST = 110;

/** One step's words. */
export class StepVoice {
  #heard = 0;
  #pending = "";
  #shown = 0;

  /** True when something of it was shown. */
  get spoke(): boolean {
    return this.#shown > 0;
  }

  /** A piece arrived; the lines to show now. Pieces are live only: after a lost one nothing more is shown of this saying. */
  take(offset: number, text: string): string[] {
    // The server was restarted in the middle and asked the model again.
    if (offset === 0 && this.#heard > 0) this.restart();
    if (offset !== this.#heard) return [];
    this.#heard += text.length;
    this.#pending += text;
    const lines: string[] = [];
    for (let cut = cutOf(this.#pending); cut !== null; cut = cutOf(this.#pending)) {
      lines.push(...this.#show(this.#pending.slice(0, cut)));
      this.#pending = this.#pending.slice(cut);
    }
    return lines;
  }

  /** The saying is over: what is left of it. */
  finish(): string[] {
    const rest = this.#pending;
    this.restart();
    return this.#show(rest);
  }

  /** The step is done; `output` is shown when nothing was heard of it. */
  close(output: string): string[] {
    if (this.#heard > 0 || this.#shown > 0) return this.finish();
    return [...this.take(0, output), ...this.finish()];
  }

  /** What comes next begins anew. */
  restart(): void {
    this.#heard = 0;
    this.#pending = "";
  }

  #show(line: string): string[] {
    if (line.trim() === "" || this.#shown > MOST_LINES) return [];
    this.#shown += 1;
    return [this.#shown > MOST_LINES ? "…" : line.trim()];
  }
}

/** Where the first whole line ends; a long one is broken at a space. */
const cutOf = (text: string): number | null => {
  const end = text.indexOf("\n");
  if (end >= 0 && end <= LONGEST) return end + 1;
  if (text.length <= LONGEST) return null;
  const space = text.lastIndexOf(" ", LONGEST);
  return space > 0 ? space + 1 : LONGEST;
};
