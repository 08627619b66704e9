// What reading a document comes to, whatever kind it was.

/** A document's text. Offsets into it are what pieces are found by. */
export interface DocumentText {
  readonly text: string;
  /** Whether its headings and code are marked as Markdown marks them. */
  readonly isMarkdown: boolean;
  /** Where each page begins; null: it has none. */
  readonly pages: readonly number[] | null;
}
