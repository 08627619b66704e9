// What is known about the caller: to be seen, searched, written, taken along and deleted. It is the account's: capabilities
// have no access. With X-Memory-Passphrase what was sealed is opened, and what is written is sealed.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { forgetMemory } from "#domain/memory/forget.ts";
import type { MemoryPayer } from "#domain/memory/port.ts";
import { viewMemory } from "#domain/memory/view.ts";
import type { OwnMemory } from "#durable-objects/memory-hand.ts";
import type { PageQuery } from "#schema/api/common.ts";
import {
  AssociativePage,
  CorePage,
  EpisodicPage,
  ForgottenMemory,
  FoundMemories,
  MemoryHeaders,
  MemoryListQuery,
  MemoryPath,
  MemorySearchQuery,
  MemorySettingsBody,
  ProactivePage,
  PutMemorySettingsBody,
  ResealBody,
  Resealed,
  WriteAssociativeBody,
  WriteCoreBody,
  WrittenMemory,
} from "#schema/api/memory.ts";
import { keyOf, type RunId } from "#schema/ids.ts";
import type { MemoryContent, MemoryType } from "#schema/memory.ts";
import type { AppEnv } from "../context.ts";
import { embedAtDoor, QUESTION_MS } from "../embed-at-door.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { exportedMemory, memoryPage } from "../memory-pages.ts";
import { actionErrors, bodyErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const tags = ["memory"];
const headers = MemoryHeaders;

const listOf = <P extends typeof CorePage | typeof AssociativePage | typeof EpisodicPage | typeof ProactivePage>(
  type: MemoryType,
  page: P,
  summary: string,
  description: string,
) =>
  createRoute({
    method: "get",
    path: `/memory/${type}`,
    operationId: `list${type.charAt(0).toUpperCase()}${type.slice(1)}Memories`,
    summary,
    description: `${description} Sealed ones come without their content unless \`X-Memory-Passphrase\` opens them; \`locked\` counts those.`,
    tags,
    ...guarded("read"),
    request: { query: MemoryListQuery, headers },
    responses: { 200: said("Newest first", page), ...guardedErrors("memory_passphrase_wrong") },
  });

const listCore = listOf(
  "core",
  CorePage,
  "What every agent is told of you",
  "Blocks for every prompt, in all projects: at most 50, of 8,000 characters together.",
);
const listAssociative = listOf(
  "associative",
  AssociativePage,
  "What is known about people, places and things",
  "Agents are shown of it what bears on a question. Written by hand, by an agent's tool, or learned: `provenance` tells.",
);
const listEpisodic = listOf(
  "episodic",
  EpisodicPage,
  "What happened in earlier sessions",
  "Written when nobody has spoken in a session for a while; no route writes one. Of more than 1,000 the oldest goes.",
);
const listProactive = listOf(
  "proactive",
  ProactivePage,
  "Patterns over your sessions",
  "Concluded from several sessions, with how sure that is (`confidence`); no route writes one. Of more than 200 the oldest goes.",
);

const search = createRoute({
  method: "get",
  path: "/memory/search",
  operationId: "searchMemories",
  summary: "Search memory",
  description:
    "By words and by meaning, over all four types; of episodes only the newest 100 are looked through. The default " +
    "project pays for the question's vector; without one it is searched by words alone (`mode`). What is sealed is " +
    "found only with `X-Memory-Passphrase`.",
  tags,
  ...guarded("read"),
  request: { query: MemorySearchQuery, headers },
  responses: { 200: said("The likest first", FoundMemories), ...guardedErrors("memory_passphrase_wrong") },
});

const written = {
  200: said("It is kept", WrittenMemory),
  ...actionErrors("memory_passphrase_wrong", "quota_exceeded"),
};
const writesCore = (method: "put" | "post") =>
  createRoute({
    method,
    path: "/memory/core",
    operationId: method === "put" ? "putCoreMemory" : "writeCoreMemory",
    summary: "Keep a core block",
    description: "One block for each key: it takes the place of the one before, whose value is gone for good.",
    tags,
    ...guarded("account"),
    request: { headers, body: json(WriteCoreBody) },
    responses: written,
  });
const putCore = writesCore("put");
const postCore = writesCore("post");

const postAssociative = createRoute({
  method: "post",
  path: "/memory/associative",
  operationId: "writeAssociativeMemory",
  summary: "Keep something about something",
  description:
    "The same words about the same thing take the place of those that are there, as far as they can be read; " +
    "`changed` is false when nothing was new. With `X-Memory-Passphrase` it is kept sealed. At most 5,000 are kept, " +
    "at most 1,000 of them sealed.",
  tags,
  ...guarded("account"),
  request: { headers, body: json(WriteAssociativeBody) },
  responses: written,
});

const remove = createRoute({
  method: "delete",
  path: "/memory/{type}/{memory_id}",
  operationId: "deleteMemory",
  summary: "Delete a memory for good",
  description:
    "A marker without content stays. What was derived from the same words goes too, in memory and in the contexts of the " +
    "agents; and it is not learned from the same run again. What is kept under a passphrase can be deleted without it.",
  tags,
  ...guarded("account"),
  request: { params: MemoryPath, headers },
  responses: { 200: said("It is gone", ForgottenMemory), ...guardedErrors("not_found", "memory_passphrase_wrong") },
});

const reseal = createRoute({
  method: "post",
  path: "/memory/reseal",
  operationId: "resealMemory",
  summary: "Put everything under another passphrase, or under none",
  description: "A lost passphrase cannot be had back: what was kept under it can only be deleted.",
  tags,
  ...guarded("account"),
  request: { headers, body: json(ResealBody) },
  responses: {
    200: said("It is done", Resealed),
    ...actionErrors("memory_passphrase_wrong", "memory_locked", "quota_exceeded"),
  },
});

// The library takes every type that ends in "json" for one JSON value; to the types this answer is only an answer.
const EXPORTED: { readonly description: string } = Object.assign(
  { description: "Memories of all four types" },
  { content: { "application/x-ndjson": { schema: z.string() } } },
);

const exportAll = createRoute({
  method: "get",
  path: "/memory/export",
  operationId: "exportMemory",
  summary: "Everything that is known, one JSON object on each line",
  description:
    "One type after the other, the newest first in each. Without `X-Memory-Passphrase` sealed memories come without " +
    "their content; a wrong one is refused before the first line.",
  tags,
  ...guarded("read"),
  request: { headers },
  responses: {
    200: EXPORTED,
    ...guardedErrors("memory_passphrase_wrong"),
  },
});

const getSettings = createRoute({
  method: "get",
  path: "/memory/settings",
  operationId: "getMemorySettings",
  summary: "How memory behaves",
  description: "Of the account, over all projects. Learning is on until it is turned off.",
  tags,
  ...guarded("read"),
  responses: { 200: said("The settings", MemorySettingsBody), ...guardedErrors() },
});

const putSettings = createRoute({
  method: "put",
  path: "/memory/settings",
  operationId: "putMemorySettings",
  summary: "Turn learning on or off",
  description:
    "Off: nothing is learned from conversations any more, sessions are not summed up, and no patterns are looked " +
    "for. What is known stays and is still shown to agents, and memories can still be written by hand or by an " +
    "agent's tool.",
  tags,
  ...guarded("account"),
  request: { body: json(PutMemorySettingsBody) },
  responses: { 200: said("The settings as they are now", MemorySettingsBody), ...bodyErrors() },
});

type Headers = { readonly "x-memory-passphrase"?: string | undefined };
const memoryOf = (c: Context<AppEnv>, sent: Headers): OwnMemory =>
  c.var.scope.memory(sent["x-memory-passphrase"] ?? null);

/** Tells the spaces the runs were in. A project that is gone took its contexts with it. */
const forgetRunsIn = async (
  c: Context<AppEnv>,
  runIds: readonly RunId[],
  memoryIds: readonly string[],
): Promise<void> => {
  const { owned, reach } = c.var.scope;
  const byProject = Map.groupBy(runIds, keyOf);
  for (const project of owned) {
    const ids = byProject.get(project.key) ?? [];
    // A memory is the user's: any project may have cited it.
    if (ids.length === 0 && memoryIds.length === 0) continue;
    const { space, caller } = reach(project);
    unwrap(await space.forgetRuns(caller, ids, memoryIds));
  }
};

/** The account is the user's, not a project's: what memory takes of models is paid by the default project. */
const payerOf = async (c: Context<AppEnv>): Promise<MemoryPayer> => {
  const { scope } = c.var;
  const project = scope.project();
  return { projectId: project.id, monthlyLimitUsd: await scope.monthlyLimitUsd(project) };
};

const page = (c: Context<AppEnv>, type: MemoryType, query: PageQuery, sent: Headers) =>
  memoryPage(memoryOf(c, sent), c.var.scope.user.userId, type, query);

const write = async (c: Context<AppEnv>, sent: Headers, content: MemoryContent) => {
  const memory = memoryOf(c, sent);
  const [kept] = unwrap(
    await memory.remember({ content, trust: "user", provenance: { source: "user" }, onceKey: null }, await payerOf(c)),
  );
  if (kept === undefined) return refuseRequest("internal");
  if (!kept.kept) return refuseRequest(kept.refusal.code, kept.refusal.detail);
  return { id: kept.id, type: kept.type, sealed: sent["x-memory-passphrase"] !== undefined, changed: kept.changed };
};

export const memory = new OpenAPIHono<AppEnv>()
  .openapi(listCore, async (c) =>
    c.json(CorePage.parse(await page(c, "core", c.req.valid("query"), c.req.valid("header"))), 200),
  )
  .openapi(listAssociative, async (c) =>
    c.json(AssociativePage.parse(await page(c, "associative", c.req.valid("query"), c.req.valid("header"))), 200),
  )
  .openapi(listEpisodic, async (c) =>
    c.json(EpisodicPage.parse(await page(c, "episodic", c.req.valid("query"), c.req.valid("header"))), 200),
  )
  .openapi(listProactive, async (c) =>
    c.json(ProactivePage.parse(await page(c, "proactive", c.req.valid("query"), c.req.valid("header"))), 200),
  )
  .openapi(search, async (c) => {
    const { q, limit } = c.req.valid("query");
    const made = await embedAtDoor(
      c,
      { project: c.var.scope.project(), agent: null },
      "memory-search",
      [q],
      QUESTION_MS,
    );
    // Without money, or without an answer, words find too.
    const vector = made.ok ? (made.value.vectors[0] ?? null) : null;
    const asked = { text: q, vector, model: c.var.services.embedding.model.model };
    const { items, locked } = unwrap(await memoryOf(c, c.req.valid("header")).search(asked, limit));
    const { userId } = c.var.scope.user;
    const found = items.map(({ memory, score }) => ({ score, memory: viewMemory(userId, memory) }));
    return c.json({ items: found, mode: vector === null ? ("words" as const) : ("hybrid" as const), locked }, 200);
  })
  .openapi(putCore, async (c) =>
    c.json(await write(c, c.req.valid("header"), { type: "core", ...c.req.valid("json") }), 200),
  )
  .openapi(postCore, async (c) =>
    c.json(await write(c, c.req.valid("header"), { type: "core", ...c.req.valid("json") }), 200),
  )
  .openapi(postAssociative, async (c) => {
    const { label, ...body } = c.req.valid("json");
    const content = { type: "associative" as const, ...body, label: label ?? body.entity_id };
    return c.json(await write(c, c.req.valid("header"), content), 200);
  })
  .openapi(reseal, async (c) => {
    const { new_passphrase } = c.req.valid("json");
    return c.json(unwrap(await memoryOf(c, c.req.valid("header")).reseal(new_passphrase)), 200);
  })
  .openapi(exportAll, async (c) => {
    const own = memoryOf(c, c.req.valid("header"));
    // The first question is asked before the answer begins: a wrong passphrase is a refusal, not half a file.
    unwrap(await own.list("core", null, 1));
    return new Response(exportedMemory(own, c.var.scope.user.userId), {
      headers: { "content-type": "application/x-ndjson" },
    });
  })
  .openapi(getSettings, async (c) => {
    const { learning } = unwrap(await c.var.scope.memory(null).settings());
    return c.json({ learning: learning ? ("on" as const) : ("off" as const) }, 200);
  })
  .openapi(putSettings, async (c) => {
    const { learning } = c.req.valid("json");
    unwrap(await c.var.scope.memory(null).setSettings({ learning: learning === "on" }));
    return c.json({ learning }, 200);
  })
  .openapi(remove, async (c) => {
    const { type, memory_id } = c.req.valid("param");
    const own = memoryOf(c, c.req.valid("header"));
    const forgetRuns = (runIds: readonly RunId[], memoryIds: readonly string[]): Promise<void> =>
      forgetRunsIn(c, runIds, memoryIds);
    const gone = unwrap(await forgetMemory({ ...own, forgetRuns }, type, memory_id));
    return c.json({ ok: true as const, also_deleted: [...gone.also], forgotten_runs: [...gone.runIds] }, 200);
  });
