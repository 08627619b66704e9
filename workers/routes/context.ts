// An agent's context: how much it is, what is found in it, its documents, its items, and how they go.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { heirOf, listDocuments, removeDocument } from "#domain/context/documents.ts";
import { forgetItems } from "#domain/context/forget.ts";
import type { ContextRef } from "#domain/context/port.ts";
import { pruneContext } from "#domain/context/prune.ts";
import { cursorAfter, keyOfCursor } from "#domain/paging.ts";
import { AgentPath, type AgentRecord } from "#schema/api/agents.ts";
import { PageQuery } from "#schema/api/common.ts";
import {
  AddDocumentBody,
  AddedDocumentBody,
  ContextDocumentPage,
  ContextDocumentPath,
  ContextItemPage,
  ContextItemPath,
  ContextItemQuery,
  ContextSearchBody,
  ContextSearchResult,
  ContextStatsBody,
  PruneContextBody,
  RemovedFromContext,
} from "#schema/api/context.ts";
import { addedTo } from "../add-to-context.ts";
import { agentAt } from "../agent-at.ts";
import type { AppEnv } from "../context.ts";
import { documentBody, filterOf, filterOfQuery, hitBody, itemBody, statsBody } from "../context-views.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { exported } from "../export-context.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";
import type { ReachedSpace } from "../request-scope.ts";
import { searched } from "../search-context.ts";

const tags = ["context"];
const DAY_MS = 86_400_000;

const stats = createRoute({
  method: "get",
  path: "/agents/{agent_id}/context",
  operationId: "getAgentContext",
  summary: "How much can an agent look up?",
  description:
    "Asked of the store it is kept in. Items in `pending` are found by their words until their vectors are made.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath },
  responses: {
    200: said("Figures of its context", ContextStatsBody),
    ...guardedErrors("not_found", "context_unavailable"),
  },
});

const clear = createRoute({
  method: "delete",
  path: "/agents/{agent_id}/context",
  operationId: "clearAgentContext",
  summary: "Clear an agent's context",
  description:
    "Everything in it goes: interactions and documents, and with them what is about to be kept of turns that have ended. The log and the sessions stay.",
  tags,
  ...guarded("manage"),
  request: { params: AgentPath },
  responses: { 200: said("What is gone", RemovedFromContext), ...guardedErrors("not_found", "context_unavailable") },
});

const search = createRoute({
  method: "post",
  path: "/agents/{agent_id}/context/search",
  operationId: "searchAgentContext",
  summary: "Search an agent's context",
  description: "By meaning and by words at once, fused by rank, as the agent does before it answers.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath, body: json(ContextSearchBody) },
  responses: {
    200: said("What was found", ContextSearchResult),
    ...actionErrors("not_found", "context_unavailable", "budget_exhausted", "budget_unreachable"),
  },
});

const addDocument = createRoute({
  method: "post",
  path: "/agents/{agent_id}/context/documents",
  operationId: "addContextDocument",
  summary: "Give an agent a document",
  description:
    "Text, Markdown, HTML or PDF of at most 8 MiB. The answer comes when all of its pieces are stored. The same document again is " +
    "the same document (200); another one of the same title needs `replace`.",
  tags,
  ...guarded("manage"),
  request: { params: AgentPath, body: json(AddDocumentBody) },
  responses: {
    201: said("The document", AddedDocumentBody),
    200: said("It was there already", AddedDocumentBody),
    ...actionErrors(
      "not_found",
      "name_taken",
      "document_unreadable",
      "context_unavailable",
      "budget_exhausted",
      "budget_unreachable",
    ),
  },
});

const documents = createRoute({
  method: "get",
  path: "/agents/{agent_id}/context/documents",
  operationId: "listContextDocuments",
  summary: "List an agent's documents",
  description:
    "The order is stable, and says nothing about age. A document is listed once all of its pieces are stored.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath, query: PageQuery },
  responses: { 200: said("Its documents", ContextDocumentPage), ...guardedErrors("not_found", "context_unavailable") },
});

const removeOne = createRoute({
  method: "delete",
  path: "/agents/{agent_id}/context/documents/{document_id}",
  operationId: "removeContextDocument",
  summary: "Take a document from an agent",
  description: "All of its pieces go, and the kept answers that rested on them.",
  tags,
  ...guarded("manage"),
  request: { params: ContextDocumentPath },
  responses: { 200: said("What is gone", RemovedFromContext), ...guardedErrors("not_found", "context_unavailable") },
});

const items = createRoute({
  method: "get",
  path: "/agents/{agent_id}/context/items",
  operationId: "listContextItems",
  summary: "Look through an agent's context",
  description:
    "Interactions and pieces of documents, with their whole text; an item must fit every filter that is given. The " +
    "order is stable, and says nothing about age: narrow it by `since` and `until`.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath, query: ContextItemQuery },
  responses: { 200: said("Its items", ContextItemPage), ...guardedErrors("not_found", "context_unavailable") },
});

const removeItem = createRoute({
  method: "delete",
  path: "/agents/{agent_id}/context/items/{item_id}",
  operationId: "removeContextItem",
  summary: "Take one item from an agent's context",
  description: "The kept answers that rested on it go too.",
  tags,
  ...guarded("manage"),
  request: { params: ContextItemPath },
  responses: { 200: said("What is gone", RemovedFromContext), ...guardedErrors("not_found", "context_unavailable") },
});

const prune = createRoute({
  method: "post",
  path: "/agents/{agent_id}/context/prune",
  operationId: "pruneAgentContext",
  summary: "Throw away some of an agent's context",
  description:
    "What fits every rule that is given is deleted for good. A document goes whole or stays whole, and kept answers " +
    "that rested on what went go too (`also_removed`). The log and the sessions stay.",
  tags,
  ...guarded("manage"),
  request: { params: AgentPath, body: json(PruneContextBody) },
  responses: { 200: said("What is gone", RemovedFromContext), ...actionErrors("not_found", "context_unavailable") },
});

// The library takes every type that ends in "json" for one JSON value; to the types this answer is only an answer.
const EXPORTED: { readonly description: string } = Object.assign(
  { description: "Its items as JSON lines, without their vectors" },
  { content: { "application/x-ndjson": { schema: z.string().meta({ description: "One ContextItem a line" }) } } },
);

const exportAll = createRoute({
  method: "get",
  path: "/agents/{agent_id}/context/export",
  operationId: "exportAgentContext",
  summary: "Take an agent's context along",
  description:
    "Streamed page by page, in no order of time. When the store fails in the middle the transfer is broken off, so a " +
    "file that ended in good order has all of it.",
  tags,
  ...guarded("read"),
  request: { params: AgentPath },
  responses: {
    200: EXPORTED,
    ...guardedErrors("not_found", "context_unavailable"),
  },
});

/** An agent of the caller's, and whose context is asked for. */
const contextAt = async (
  c: Context<AppEnv>,
  text: string,
): Promise<ReachedSpace & { readonly agent: AgentRecord; readonly ref: ContextRef }> => {
  const found = await agentAt(c, text);
  return { ...found, ref: c.var.scope.contextOf(found.project, found.agent) };
};

export const context = new OpenAPIHono<AppEnv>()
  .openapi(stats, async (c) => {
    const { agent, ref } = await contextAt(c, c.req.valid("param").agent_id);
    return c.json(statsBody(agent.id, unwrap(await c.var.services.contexts.stats(ref))), 200);
  })
  .openapi(clear, async (c) => {
    const { agent, ref, space, caller } = await contextAt(c, c.req.valid("param").agent_id);
    unwrap(await space.contextCleared(caller, agent.id));
    const { removed } = unwrap(await c.var.services.contexts.clear(ref));
    return c.json({ removed, also_removed: 0 }, 200);
  })
  .openapi(search, async (c) => {
    const place = await contextAt(c, c.req.valid("param").agent_id);
    const { query, top_k, filter } = c.req.valid("json");
    const found = unwrap(await searched(c, place, { text: query, topK: top_k, filter: filterOf(filter) }));
    const { backend } = c.var.services.contexts;
    return c.json({ hits: found.hits.map(hitBody), mode: found.mode, collection: place.ref.collection, backend }, 200);
  })
  .openapi(addDocument, async (c) => {
    const { ref, agent, project } = await contextAt(c, c.req.valid("param").agent_id);
    const added = unwrap(await addedTo(c, { project, agent, ref }, c.req.valid("json")));
    const body = {
      ...documentBody(added),
      created: added.created,
      replaced: [...added.replaced],
      pending: added.pending,
      input_tokens: added.inputTokens,
      cost_usd: added.costUsd,
    };
    return added.created ? c.json(body, 201) : c.json(body, 200);
  })
  .openapi(documents, async (c) => {
    const { ref } = await contextAt(c, c.req.valid("param").agent_id);
    const { limit, cursor } = c.req.valid("query");
    const page = unwrap(await listDocuments(c.var.services.contexts, ref, keyOfCursor(cursor), limit));
    const next_cursor = page.next === null ? null : cursorAfter(page.next);
    return c.json({ items: page.documents.map(documentBody), next_cursor }, 200);
  })
  .openapi(removeOne, async (c) => {
    const { agent_id, document_id } = c.req.valid("param");
    const { ref } = await contextAt(c, agent_id);
    const { removed, also } = unwrap(await removeDocument(c.var.services.contexts, ref, document_id));
    return c.json({ removed, also_removed: also }, 200);
  })
  .openapi(items, async (c) => {
    const { ref } = await contextAt(c, c.req.valid("param").agent_id);
    const query = c.req.valid("query");
    const after = keyOfCursor(query.cursor);
    const page = unwrap(await c.var.services.contexts.list(ref, filterOfQuery(query), after, query.limit));
    const next_cursor = page.next === null ? null : cursorAfter(page.next);
    return c.json({ items: page.items.map(itemBody), next_cursor }, 200);
  })
  .openapi(removeItem, async (c) => {
    const { agent_id, item_id } = c.req.valid("param");
    const { ref, project, agent } = await contextAt(c, agent_id);
    const { contexts } = c.var.services;
    const [item] = unwrap(await contexts.get(ref, [item_id]));
    if (item === undefined) return refuseRequest("not_found");
    const heir = unwrap(await heirOf(contexts, ref, item));
    if (heir !== null) {
      unwrap(await contexts.put(ref, [{ ...heir, vector: null }]));
      await c.var.scope.tell(project, ({ space, caller }) => space.vectorsWanted(caller, agent.id));
    }
    const { removed, also } = unwrap(await forgetItems(contexts, ref, [item_id]));
    return c.json({ removed, also_removed: also }, 200);
  })
  .openapi(prune, async (c) => {
    const { ref } = await contextAt(c, c.req.valid("param").agent_id);
    const { older_than_days: days, before, type, success, max_count } = c.req.valid("json");
    const until = days === undefined ? before && Date.parse(before) : c.var.services.now() - days * DAY_MS;
    const rule = { before: until || undefined, kind: type, success, maxCount: max_count };
    const { removed, also } = unwrap(await pruneContext(c.var.services.contexts, ref, rule));
    return c.json({ removed, also_removed: also }, 200);
  })
  .openapi(exportAll, async (c) => {
    const { agent, ref } = await contextAt(c, c.req.valid("param").agent_id);
    const lines = unwrap(await exported(c.var.services.contexts, ref));
    return new Response(lines, {
      headers: {
        "content-type": "application/x-ndjson; charset=utf-8",
        "content-disposition": `attachment; filename="${agent.name}-context.ndjson"`,
      },
    });
  });
