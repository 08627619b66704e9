// retinue context: what an agent can look up. Figures, add, search, documents, remove, prune, export, clear, move.
import { defineCommand } from "citty";
import { ContextType } from "#schema/api/context.ts";
import { isId } from "#schema/ids.ts";
import type { AgentContextCalls } from "../../sdk/agent-context.ts";
import { ApiError } from "../../sdk/api-error.ts";
import { pause } from "../../sdk/backoff.ts";
import { allPages } from "../../sdk/pages.ts";
import { command } from "../arguments.ts";
import { documentFiles, documentOf } from "../document-files.ts";
import { Ended, Failure, misuse } from "../failure.ts";
import { findAgent } from "../find-agent.ts";
import { COMMON, type Ground, PROJECT, standOn } from "../ground.ts";
import { moveCommand } from "./context-move.ts";

const AGENT = { agent: { type: "positional", required: true, description: "Agent's name, id or handle" } } as const;

type Args = { readonly agent: string; readonly json?: boolean | undefined; readonly project?: string | undefined };

const open = async (args: Args): Promise<{ readonly ground: Ground; readonly context: AgentContextCalls }> => {
  const ground = standOn(args);
  const api = await ground.api();
  return { ground, context: api.context(await findAgent(ground, api, args.agent, args)) };
};

const gone = (ground: Ground, answer: { removed: number; also_removed: number }): void => {
  const also = answer.also_removed === 0 ? "" : `, and ${answer.also_removed} answers that rested on them`;
  ground.print.line(`Removed ${answer.removed} ${answer.removed === 1 ? "item" : "items"}${also}.`);
  ground.print.document(answer);
};

const stats = command({
  meta: { name: "stats", description: "Show how much an agent can look up" },
  args: { ...AGENT, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const { ground, context } = await open(args);
    const now = await context.stats();
    const kept = now.bytes === null ? "" : `, ${(now.bytes / 1024).toFixed(0)} KiB`;
    ground.print.line(`${now.collection} (${now.backend}${kept})`);
    ground.print.line(`${now.interactions} interactions, ${now.documents} pieces of documents`);
    const waiting = now.pending === 0 ? "" : `; ${now.pending} wait for theirs`;
    ground.print.line(
      `${now.vectors} vectors by ${now.embedding.model} (${now.embedding.dimensions})${waiting}${now.building ? "; the index is being built" : ""}`,
    );
    ground.print.document(now);
  },
});

/** Adds a document; where the server asks to wait, it is waited for. */
const added = async (context: AgentContextCalls, path: string, tags: readonly string[]) => {
  const document = await documentOf(path, tags);
  for (;;) {
    try {
      return await context.addDocument(document);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429 || error.retryAfterMs === null) throw error;
      await pause(error.retryAfterMs + 100);
    }
  }
};

const add = command({
  meta: {
    name: "add",
    description:
      "Give an agent files: Markdown, text, HTML, PDF; folders and patterns too. A changed file takes its own place",
  },
  spread: true,
  args: {
    ...AGENT,
    files: { type: "positional", required: true, description: "Files, folders or patterns" },
    tag: { type: "string", description: "Tags, comma separated", valueHint: "a,b" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const words = args._.slice(1);
    if (words.length === 0) throw misuse("Name at least one file");
    const tags = (args.tag ?? "")
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
    const files = await documentFiles(words);
    if (files.length === 0) throw new Failure("There are no files that can be read (Markdown, text, HTML, PDF)");
    const { ground, context } = await open(args);
    let failed = 0;
    for (const path of files) {
      try {
        const document = await added(context, path, tags);
        const how = !document.created ? "there already" : document.replaced.length > 0 ? "replaced" : "added";
        const waiting = document.pending === 0 ? "" : `, ${document.pending} wait for their vectors`;
        ground.print.line(
          `${how}  ${document.title}  (${document.pieces} ${document.pieces === 1 ? "piece" : "pieces"}${waiting})`,
        );
        ground.print.record(document);
      } catch (error) {
        // What concerns the file is the file's; what concerns all of them ends it.
        const about = error instanceof ApiError ? error.status === 422 || error.status === 413 : true;
        if (!about) throw error;
        failed += 1;
        ground.print.aside(`failed  ${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (failed > 0) throw new Ended(1);
  },
});

const search = command({
  meta: { name: "search", description: "Search as the agent does" },
  args: {
    ...AGENT,
    question: { type: "positional", required: true, description: "The question, in quotes" },
    top: { type: "string", description: "How many finds (default 5)", valueHint: "n" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const top = args.top ?? "5";
    if (!/^[1-9]\d?$|^100$/.test(top)) throw misuse("--top must be a whole number from 1 to 100");
    const { ground, context } = await open(args);
    const found = await context.search(args.question, Number(top));
    for (const hit of found.hits) {
      ground.print.line(`${hit.score.toFixed(3)}  ${hit.title.replaceAll(/\s+/g, " ")}  [${hit.id}]`);
      ground.print.line(`       ${hit.text.replaceAll(/\s+/g, " ").slice(0, 200)}`);
    }
    if (found.hits.length === 0) ground.print.line("Nothing was found.");
    if (found.mode === "words")
      ground.print.aside("The embedding model did not answer: this was found by words alone.");
    ground.print.document(found);
  },
});

/** `chapter 2` before `chapter 10`. */
const byTitle = new Intl.Collator("en", { numeric: true });

const allDocuments = async (context: AgentContextCalls) => {
  const items = await allPages((cursor) => context.documents({ limit: 100, cursor }));
  return items.sort((a, b) => byTitle.compare(a.title, b.title) || a.added_at.localeCompare(b.added_at));
};

const documents = command({
  meta: { name: "documents", description: "List an agent's documents" },
  args: { ...AGENT, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const { ground, context } = await open(args);
    const items = await allDocuments(context);
    ground.print.table(
      ["ID", "TITLE", "KIND", "PIECES", "TAGS", "ADDED"],
      items.map((one) => [
        one.document_id,
        one.title,
        one.media_type,
        String(one.pieces),
        one.tags.join(","),
        one.added_at.replace(/:\d\d\.\d+Z$/, "Z"),
      ]),
      "There are no documents.",
    );
    ground.print.document({ items });
  },
});

const remove = command({
  meta: { name: "remove", description: "Take a document or an item from an agent" },
  args: {
    ...AGENT,
    what: { type: "positional", required: true, description: "Document's id or title, or an item's id" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const { ground, context } = await open(args);
    if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(args.what)) return gone(ground, await context.removeItem(args.what));
    if (isId("document", args.what)) return gone(ground, await context.removeDocument(args.what));
    const [only, ...others] = (await allDocuments(context)).filter(({ title }) => title === args.what);
    if (only === undefined) throw new Failure(`There is no document called ${JSON.stringify(args.what)}`);
    if (others.length > 0) throw new Failure(`Several documents have this title; use an id`);
    gone(ground, await context.removeDocument(only.document_id));
  },
});

const prune = command({
  meta: { name: "prune", description: "Throw away what fits every rule given" },
  args: {
    ...AGENT,
    days: { type: "string", description: "Older than so many days", valueHint: "n" },
    type: { type: "string", description: "interaction or document" },
    failed: { type: "boolean", description: "Only work that failed" },
    keep: { type: "string", description: "Of those, keep the newest so many", valueHint: "n" },
    yes: { type: "boolean", description: "Do it, also where the rules leave nothing" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const number = (name: string, text: string | undefined) => {
      if (text !== undefined && !/^\d{1,7}(?:\.\d+)?$/.test(text)) throw misuse(`--${name} must be a number`);
      return text === undefined ? undefined : Number(text);
    };
    const type = ContextType.optional().safeParse(args.type);
    if (!type.success) throw misuse("--type must be interaction or document");
    const rules = {
      older_than_days: number("days", args.days),
      type: type.data,
      max_count: number("keep", args.keep),
      success: args.failed ? false : undefined,
    };
    if (Object.values(rules).every((value) => value === undefined))
      throw misuse("Give at least one rule: --days, --type, --failed or --keep");
    const leavesNothing =
      !rules.older_than_days && !rules.max_count && rules.type === undefined && rules.success === undefined;
    if (leavesNothing && !args.yes)
      throw misuse("These rules leave nothing of what the agent can look up; say --yes to do it");
    const { ground, context } = await open(args);
    gone(ground, await context.prune(rules));
  },
});

const exportAll = command({
  meta: { name: "export", description: "Write an agent's context to stdout, one JSON object a line" },
  args: { ...AGENT, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const { ground, context } = await open({ ...args, json: true });
    for await (const line of context.export()) ground.print.record(JSON.parse(line));
  },
});

const clear = command({
  meta: { name: "clear", description: "Remove everything an agent can look up" },
  args: { ...AGENT, yes: { type: "boolean", description: "Do it" }, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    if (!args.yes) throw misuse("This removes everything the agent can look up; say --yes to do it");
    const { ground, context } = await open(args);
    gone(ground, await context.clear());
  },
});

export const contextCommand = defineCommand({
  meta: {
    name: "context",
    description: "What an agent can look up: add documents, search, prune, export, clear, move",
  },
  default: "stats",
  subCommands: { stats, add, search, documents, remove, prune, export: exportAll, clear, move: moveCommand },
});
