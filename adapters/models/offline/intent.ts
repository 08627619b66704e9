// What a request wants: write, fetch, read, list, look the project over, or talk. Rules only; when in doubt, talk.
import { filesIn, looksLikeFolder, quotedIn, trimmed } from "./file-names.ts";
import { urlsIn } from "./web-pages.ts";
import { type WriteIntent, writeIntent } from "./write-intent.ts";

/** What is wanted. */
export type Intent =
  | WriteIntent
  | { readonly kind: "fetch"; readonly urls: readonly string[] }
  | { readonly kind: "read"; readonly paths: readonly string[] }
  | { readonly kind: "list"; readonly path: string }
  | { readonly kind: "overview" }
  | { readonly kind: "remember"; readonly arguments: Readonly<Record<string, string>> }
  | { readonly kind: "talk" };

const LISTS =
  /^\s*(?:please\s+)?(?:list|ls|dir)(?:\s+(?:the\s+)?(?:["'«`“][^\n]+|\S+(?:\s+(?:folder|directory))?))?[\s.!?]*$|\b(?:what|which)\s+files\b|\blist\s+(?:(?:all|the|of|my)\s+)*(?:files|folders?|director(?:y|ies)|contents|everything)\b|\bshow\s+(?:me\s+)?(?:(?:all|the|my)\s+)*(?:files|folder|directory)\b|\bwhat(?:'s|\s+is|\s+do\s+(?:you|we)\s+have)?\s+(?:there\s+)?in(?:side)?\s+(?:(?:the|this|my)\s+)?(?:\S+\s+)?(?:folder|directory)\b|какие\s+(?:тут\s+|здесь\s+|есть\s+)*файлы|список\s+файлов|(?:покажи|перечисли)(?:те)?\s+(?:мне\s+)?(?:все\s+)?(?:файлы|папк[уи])|что\s+(?:лежит\s+|есть\s+|находится\s+)?в\s+(?:\S+\s+)?(?:папке|директории|каталоге)/iu;

const OVERVIEW =
  /\b(?:what|describe|explain|summari[sz]e|tell|about|overview)\b[^.?!]*\b(?:this|the|my|our)\s+(?:project|repo(?:sitory)?|codebase|code\s+base|app(?:lication)?)\b|(?:о\s+ч[её]м|что\s+(?:это\s+)?за|опиши|расскажи|объясни|обзор)[^.?!]*(?:проект|репозитори|приложени)/iu;

const PLACE =
  /\b(?:in|of|under|inside|from)\s+(?:the\s+)?(?:(?:folder|directory)\s+)?(?:called\s+)?([^\s,;:!?"'`«»]+)|(?:в|из)\s+(?:папк[еиу]|директори[иею]|каталог[еау]?)\s+([^\s,;:!?"'`«»]+)|^\s*(?:please\s+)?(?:list|ls|dir)\s+(?:the\s+)?([^\s,;:!?"'`«»]+)(?:\s+(?:folder|directory))?[\s.!?]*$|(?:what\S*\s+(?:is\s+)?)in(?:side)?\s+(?:the\s+|my\s+)?([^\s,;:!?"'`«»]+)\s+(?:folder|directory)/iu;

const NO_PLACE =
  /^(?:files?|folders?|director(?:y|ies)|contents?|everything|all|it|here|there|this|the|my|me|a|project|repo|workspace|проекте|этой|этом)$/i;

const listedPath = (request: string): string => {
  const quoted = quotedIn(request)[0];
  if (quoted !== undefined) return quoted;
  const word = request.split(/\s+/).map(trimmed).find(looksLikeFolder);
  if (word !== undefined && word !== ".") return word.length > 1 ? word.replace(/\/$/, "") : word;
  const place = PLACE.exec(request);
  const named = trimmed(place?.slice(1).find((group) => group !== undefined) ?? "");
  return named === "" || NO_PLACE.test(named) ? "." : named;
};

/** Understands one request. `web` says that web pages can be fetched; without that an address is only a word. */
export const intentOf = (request: string, web = false): Intent => {
  const write = writeIntent(request);
  if (write !== null) return write;
  const urls = web ? urlsIn(request) : [];
  if (urls.length > 0) return { kind: "fetch", urls: urls.slice(0, 3) };
  const files = filesIn(request);
  const lists = LISTS.test(request);
  const folderOnly = files.length > 0 && files.every(looksLikeFolder) && lists;
  if (files.length > 0 && !folderOnly) return { kind: "read", paths: files.slice(0, 3) };
  if (lists) return { kind: "list", path: listedPath(request) };
  return OVERVIEW.test(request) ? { kind: "overview" } : { kind: "talk" };
};
