// web_fetch: one page as text. HTML becomes what a person would read, text and JSON stay as they are, everything else is
// refused. The answer says where it came from in the end and what is missing.
import type { ServerOutcome, ServerTools } from "#domain/tools/server-tools.ts";
import type { Egress, Incoming } from "../egress.ts";
import { decodeText } from "./decode-text.ts";
import { readable } from "./readable.ts";

const MAX_BYTES = 2_000_000;
const TIMEOUT_MS = 20_000;
const HTML = /^(?:text\/html|application\/xhtml\+xml)$/;
const PLAIN =
  /^(?:text\/(?!html$)[\w.+-]+|application\/(?:[\w.-]+\+)?(?:json|xml)|application\/(?:x-)?(?:ndjson|yaml|javascript))$/;

/** What a failure means to the agent, beyond its own words. */
const ADVICE: Readonly<Record<string, string>> = {
  host_not_allowed: " Nothing was fetched from there. Calling web_fetch with a URL of that host asks the user for it.",
  private_address: " Only public addresses are fetched.",
  special_name: " Only public addresses are fetched.",
};

/** The hand of web_fetch over this way out. */
export const pageFetcher =
  (egress: Egress): ServerTools["fetchPage"] =>
  async (url, mayReach, signal) => {
    const came = await egress({
      url,
      mayReach,
      takes: (type) => HTML.test(type) || PLAIN.test(type),
      accept: "text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.9, application/xml;q=0.8",
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (came.ok) return told(came.value);
    const { code, message } = came.refusal;
    return { status: "failed", code, message: `The page was not fetched: ${message}.${ADVICE[code] ?? ""}` };
  };

const told = (came: Incoming): ServerOutcome => {
  const text = decodeText(came.bytes, came.charset, came.cut);
  const page = HTML.test(came.mediaType) ? readable(text, came.url) : { title: null, text, cut: false };
  const truncated = came.cut || page.cut;
  const head = [
    `URL: ${came.url}`,
    ...(page.title === null ? [] : [`Title: ${page.title.slice(0, 300).toWellFormed()}`]),
    `Type: ${came.mediaType}`,
    ...(came.cut ? [`Cut: only its first ${MAX_BYTES} bytes were read`] : []),
    ...(page.cut ? ["Cut: it nests too deeply to be read to its end"] : []),
  ];
  const content = `${head.join("\n")}\n\n${page.text === "" ? "(no text)" : page.text}`;
  return { status: "succeeded", content, bytes: came.bytes.byteLength, truncated };
};
