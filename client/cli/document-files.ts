// Files to give an agent as documents: named one by one, by a pattern, or as folders. In folders only kinds that can be read are
// taken, and what is hidden or generated is passed over; a link is not followed.
import { glob, readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import { LARGEST_DOCUMENT } from "#schema/api/context.ts";
import type { DocumentToAdd } from "../sdk/agent-context.ts";
import { Failure } from "./failure.ts";

const READABLE = new Set([".md", ".markdown", ".txt", ".text", ".html", ".htm", ".xhtml", ".pdf"]);
const PASSED_OVER = new Set(["node_modules", "dist", "build", "target", "vendor", "coverage", "__pycache__", "venv"]);
const MOST_FILES = 5_000;

const isPattern = (text: string): boolean => /[*?[\]{}]/.test(text);
const isReadable = (path: string): boolean => READABLE.has(extname(path).toLowerCase());

async function* filesIn(folder: string): AsyncGenerator<string, void, void> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  for (const entry of entries) {
    if (entry.name.startsWith(".") || PASSED_OVER.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile() && isReadable(path)) yield path;
  }
}

async function* meant(text: string): AsyncGenerator<string, void, void> {
  const found = await stat(text).catch(() => null);
  if (found?.isDirectory()) yield* filesIn(text);
  else if (found === null && isPattern(text)) {
    for await (const path of glob(text)) if (isReadable(path) && (await stat(path)).isFile()) yield path;
  } else yield text; // What is not there is told when it is read, as one file among others.
}

/** The files these words mean, each once. */
export const documentFiles = async (words: readonly string[]): Promise<readonly string[]> => {
  const paths = new Map<string, string>();
  for (const text of words) {
    for await (const path of meant(text)) {
      if (!paths.has(resolve(path))) paths.set(resolve(path), path);
      if (paths.size > MOST_FILES) throw new Failure(`That is more than ${MOST_FILES} files; name fewer`);
    }
  }
  return [...paths.values()];
};

/** A file's title: its path as seen from here, the same on every system. */
const titleOf = (path: string): string => {
  const seen = relative(process.cwd(), resolve(path));
  return (seen.startsWith("..") ? path : seen).split(sep).join("/");
};

/** A file as a document. Its bytes are sent: what they are is the server's to judge. */
export const documentOf = async (path: string, tags: readonly string[]): Promise<DocumentToAdd> => {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Failure("there is no such file or folder");
    throw error;
  });
  if (bytes.byteLength === 0) throw new Failure("it is empty");
  if (bytes.byteLength > LARGEST_DOCUMENT) throw new Failure(`it is larger than ${LARGEST_DOCUMENT} bytes`);
  const title = titleOf(path);
  // The server goes by the title's ending; what has none it knows is text.
  const type = isReadable(path) ? {} : { media_type: "text/plain" as const };
  return { title, content_base64: bytes.toString("base64"), tags, replace: true, ...type };
};
