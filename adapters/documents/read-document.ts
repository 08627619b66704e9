// Documents to text that can be cut into pieces: Markdown and plain text as they are, a web page as a person would read it, a
// PDF page by page. What cannot be read is a refusal that says why; nothing is guessed into an agent's context.
import { ok, type Result, refuse } from "#schema/result.ts";
import { decodeText } from "../web/decode-text.ts";
import { readable } from "../web/readable.ts";
import type { DocumentText } from "./document-text.ts";
import { readPdf } from "./pdf.ts";
import { plainText } from "./plain-text.ts";

/** Kinds of documents that can be read. */
export type DocumentType = "text/markdown" | "text/plain" | "text/html" | "application/pdf";

/** A document as it came. */
export interface RawDocument {
  readonly mediaType: DocumentType;
  /** Text that was already decoded, or bytes. */
  readonly content: string | Uint8Array;
}

/** Where links of a page without an address of its own lead. */
const NOWHERE = "https://document.invalid/";
const HTML_TITLE = /^#\s/;

const words = (text: string, isMarkdown: boolean): Result<DocumentText> =>
  text.trim() === "" ? refuse("document_unreadable", "it holds no text") : ok({ text, isMarkdown, pages: null });

/** Reads a document. */
export const readDocument = async ({ mediaType, content }: RawDocument): Promise<Result<DocumentText>> => {
  switch (mediaType) {
    case "text/markdown":
    case "text/plain": {
      const text = plainText(content);
      return text.ok ? words(text.value, mediaType === "text/markdown") : text;
    }
    case "text/html": {
      const html = typeof content === "string" ? content : decodeText(content, null, false);
      const page = readable(html, NOWHERE);
      if (page.cut) return refuse("document_unreadable", "the page is nested deeper than any page that was written");
      const heading = page.title === null || HTML_TITLE.test(page.text) ? "" : `# ${page.title}\n\n`;
      return words(page.text.trim() === "" ? "" : heading + page.text, true);
    }
    case "application/pdf":
      return typeof content === "string"
        ? refuse("document_unreadable", "a PDF is sent as content_base64")
        : await readPdf(content);
  }
};
