// Puts the pieces of a streamed answer together, and says what to print. Pieces are signals: some may be missing after a
// break, and an attempt may fail and void what it said. The stored text is the truth; this makes the screen agree with it.

/** One `message_delta`. */
export interface Delta {
  readonly message_id: string;
  readonly offset: number;
  readonly text: string;
}

/** What to do on the screen. `break` ends a paragraph; `void` says that what was printed since the last break does not count. */
export type Print =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "void" };

/** The text of one run as it is being said. */
export class AnswerText {
  #messageId: string | null = null;
  #printed = "";
  /** A piece was lost: nothing more is printed until the stored text is there. */
  #missing = false;
  /** The model finished saying it; it cannot be withdrawn any more. */
  #stands = false;

  /** A piece arrived. */
  delta(delta: Delta): Print[] {
    // A new message while the last was neither finished nor withdrawn: the server was restarted and began again.
    const prints = delta.message_id === this.#messageId ? [] : this.#next(delta.message_id);
    if (delta.offset > this.#printed.length) this.#missing = true;
    if (this.#missing || delta.offset < this.#printed.length) return prints;
    this.#printed += delta.text;
    return [...prints, { kind: "text", text: delta.text }];
  }

  /** A failed attempt's text is void. */
  discard(messageId: string): Print[] {
    return messageId === this.#messageId ? this.#next(null) : [];
  }

  /** The model finished one call; `text` is what it said beside asking for tools, null when the answer itself follows. */
  stand(text: string | null): Print[] {
    const prints = text === null || text === "" ? [] : this.#agree(text);
    this.#stands = true;
    return prints;
  }

  /** The answer as it was stored. */
  final(messageId: string, content: string): Print[] {
    const prints = messageId === this.#messageId ? [] : this.#next(messageId);
    return [...prints, ...this.#agree(content), ...this.#next(null)];
  }

  #agree(content: string): Print[] {
    const printed = this.#printed;
    this.#printed = content;
    this.#stands = true;
    if (content === printed) return [];
    if (content.startsWith(printed)) return [{ kind: "text", text: content.slice(printed.length) }];
    return [{ kind: "void" }, { kind: "text", text: content }];
  }

  #next(messageId: string | null): Print[] {
    const open = this.#printed !== "";
    const stands = this.#stands;
    this.#messageId = messageId;
    this.#printed = "";
    this.#missing = false;
    this.#stands = false;
    return open ? [{ kind: stands ? "break" : "void" }] : [];
  }
}
