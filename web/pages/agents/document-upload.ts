// A file somebody chose, as the document it becomes. The server reads the kind from the title's ending; here it is only asked
// whether it can be one, before anything is sent.
import type { DocumentToAdd } from "#client/sdk/agent-context.ts";
import { type DocumentMediaType, LARGEST_DOCUMENT } from "#schema/api/context.ts";

const KINDS: Readonly<Record<string, DocumentMediaType>> = {
  md: "text/markdown",
  markdown: "text/markdown",
  txt: "text/plain",
  text: "text/plain",
  log: "text/plain",
  csv: "text/plain",
  htm: "text/html",
  html: "text/html",
  pdf: "application/pdf",
};

/** Endings a file picker offers. */
export const ACCEPTED = Object.keys(KINDS)
  .map((ending) => `.${ending}`)
  .join(",");

/** What a file is by its name; text, when its name says nothing and its type says text. */
export const kindOf = (name: string, type = ""): DocumentMediaType | null => {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(KINDS, ending)) return KINDS[ending] ?? null;
  return type.startsWith("text/") ? "text/plain" : null;
};

/** Why a file cannot be added; null when it can. */
export const refusalOf = (file: {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}): string | null => {
  if (file.size === 0) return "it is empty";
  if (file.size > LARGEST_DOCUMENT) return `it is larger than ${LARGEST_DOCUMENT / 1024 / 1024} MB`;
  return kindOf(file.name, file.type) === null ? "only text, Markdown, HTML and PDF can be read" : null;
};

/** Bytes in base64, in pieces: no browser takes millions of arguments. */
export const base64Of = (bytes: Uint8Array): string => {
  const PIECE = 0x80_00;
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
};

/** The document a file becomes. A title that is there already is taken over by the new words. */
export const documentOf = async (file: File): Promise<DocumentToAdd> => {
  const media = kindOf(file.name, file.type) ?? "text/plain";
  const shared = { title: file.name.slice(-300), media_type: media, replace: true };
  if (media === "application/pdf")
    return { ...shared, content_base64: base64Of(new Uint8Array(await file.arrayBuffer())) };
  return { ...shared, content: await file.text() };
};
