// A PDF's text, page by page, through PDF.js (loaded only when a PDF comes). Caps hold what a small file can unfold into; a
// broken, locked or merely scanned one is refused with the reason. Nothing in it is run and nothing it names is fetched.
import type { PDFDocumentProxy } from "unpdf/pdfjs";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { DocumentText } from "./document-text.ts";
import { weighedPdf } from "./pdf-weight.ts";

const MOST_PAGES = 1_000;
const MOST_TEXT = 8_000_000;
const MOST_MS = 30_000;
const TOO_SLOW = "it takes too long to read";
const SIGNATURE = "%PDF-";
/** Readers accept a little in front of it. */
const SIGNATURE_WITHIN = 1_024;

const unreadable = (detail: string) => refuse("document_unreadable", detail);

/** Reads a PDF. */
export const readPdf = async (bytes: Uint8Array): Promise<Result<DocumentText>> => {
  if (!new TextDecoder("latin1").decode(bytes.subarray(0, SIGNATURE_WITHIN)).includes(SIGNATURE))
    return unreadable("it does not begin as a PDF does");
  const safe = weighedPdf(bytes);
  if (!safe.ok) return safe;
  const { getDocumentProxy } = await import("unpdf");
  let document: PDFDocumentProxy;
  try {
    // The reader takes the bytes it is given for its own.
    document = await getDocumentProxy(safe.value, { stopAtErrors: false, verbosity: 0 });
  } catch (error) {
    return unreadable(
      error instanceof Error && error.name === "PasswordException" ? "it is locked with a password" : "it is broken",
    );
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  // One page may draw without end; the reader lets others in now and then, so that it can be stopped.
  const late = new Promise<Result<DocumentText>>((resolve) => {
    timer = setTimeout(() => resolve(unreadable(TOO_SLOW)), MOST_MS);
  });
  try {
    const read = pagesOf(document);
    read.catch(() => {});
    return await Promise.race([read, late]);
  } catch {
    return unreadable("it is broken");
  } finally {
    clearTimeout(timer);
    await document.loadingTask.destroy().catch(() => {});
  }
};

const pagesOf = async (document: PDFDocumentProxy): Promise<Result<DocumentText>> => {
  if (document.numPages > MOST_PAGES) return unreadable(`it has ${document.numPages} pages, more than ${MOST_PAGES}`);
  const started = Date.now();
  const pages: number[] = [];
  let text = "";
  for (let number = 1; number <= document.numPages; number += 1) {
    if (Date.now() - started > MOST_MS) return unreadable(TOO_SLOW);
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    page.cleanup();
    if (text !== "") text += "\n\n";
    pages.push(text.length);
    text += linesOf(items);
    if (text.length > MOST_TEXT) return unreadable(`it holds more than ${MOST_TEXT} characters`);
  }
  if (text.trim() === "") return unreadable("its pages hold no text: they may be pictures of it");
  return ok({ text: text.replaceAll("\u0000", " ").toWellFormed(), isMarkdown: false, pages });
};

type Content = Awaited<ReturnType<Awaited<ReturnType<PDFDocumentProxy["getPage"]>>["getTextContent"]>>;

/** Runs of letters; marks of structure have none. */
const linesOf = (items: Content["items"]): string =>
  items
    .map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : ""))
    .join("")
    .replaceAll(/[ \t]+\n/g, "\n")
    .trim();
