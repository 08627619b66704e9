// Where a turn shows itself: at the terminal, and the same held back: while a person is being asked something, nothing may be written over
// the question. What was held back comes afterwards, in its order.
import type { LiveFrame } from "#schema/frames.ts";
import type { Printer } from "./printer.ts";

/** Where a turn shows itself. */
export interface Screen {
  /** A piece of the answer. */
  answer(text: string): void;
  /** The next piece begins on a line of its own. */
  endLine(): void;
  /** A line about what goes on. */
  note(line: string): void;
  /** Every frame of the run, for JSON output. */
  frame(frame: LiveFrame): void;
}

/** The terminal; `note` is where everything but the answer goes. */
export const terminalScreen = (print: Printer, note: (line: string) => void): Screen => {
  let midLine = false;
  const endLine = () => {
    if (midLine) print.stream("\n");
    midLine = false;
  };
  return {
    answer: (text) => {
      print.stream(text);
      if (text !== "") midLine = !text.endsWith("\n");
    },
    endLine,
    note: (line) => {
      endLine();
      note(line);
    },
    frame: print.record,
  };
};

/** A screen that can be told to wait. */
export class HeldScreen implements Screen {
  readonly #screen: Screen;
  #held: (() => void)[] | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  answer(text: string): void {
    this.#show(() => this.#screen.answer(text));
  }
  endLine(): void {
    this.#show(() => this.#screen.endLine());
  }
  note(line: string): void {
    this.#show(() => this.#screen.note(line));
  }
  frame(frame: LiveFrame): void {
    this.#screen.frame(frame);
  }

  /** Does the work with the screen to itself. */
  async alone(work: (note: (line: string) => void) => Promise<void>): Promise<void> {
    this.#held ??= [];
    try {
      await work((line) => this.#screen.note(line));
    } finally {
      const held = this.#held ?? [];
      this.#held = null;
      for (const show of held) show();
    }
  }

  #show(show: () => void): void {
    if (this.#held === null) show();
    else this.#held.push(show);
  }
}
