// An agent's context through its doors: documents go in, are found, listed, replaced and taken out; items are looked through and
// deleted with what rests on them; figures, pruning, export, clearing; an embedding model that does not answer, or costs money.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { restsOn } from "#domain/context/interaction.ts";
import { contextRef } from "#domain/context/ref.ts";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import { keyOf } from "#schema/ids.ts";
import { makePdf } from "#tests/support/make-pdf.ts";
import { ask, type Person, register, send } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";

let person: Person;
let agent: { id: string; handle: string; name: string };
let at: string;
beforeEach(async () => {
  person = await register();
  const agents = await ask("/my/agents", { token: person.token });
  agent = agents.json.items.find(({ name }: { name: string }) => name === "Architect");
  at = `/my/agents/${agent.id}/context`;
});
afterEach(() => {
  vi.restoreAllMocks();
});

const add = (body: object, path = at) => ask(`${path}/documents`, { token: person.token, body });
const search = async (query: string, filter: object = {}) =>
  (await ask(`${at}/search`, { token: person.token, body: { query, top_k: 5, filter } })).json;
const list = async (path: string) => (await ask(`${at}/${path}`, { token: person.token })).json;
const stats = async () => (await ask(at, { token: person.token })).json;
const remove = (path: string) => ask(`${at}${path}`, { method: "DELETE", token: person.token });

const TEA = "# Tea\n\nOolong is brewed at eighty degrees for three minutes.\n";
const refOf = () => {
  const id = mintId("agent");
  return contextRef(
    { userId: person.id, projectId: person.projectId, agentId: agent.id as typeof id, name: agent.name },
    { model: "offline-embedding", dimensions: 384 },
  );
};

describe("a document", () => {
  test("goes in, is found by meaning and by words, listed, and counted", async () => {
    const added = await add({ title: "tea.md", content: TEA, tags: ["kitchen"] });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      title: "tea.md",
      media_type: "text/markdown",
      pieces: 1,
      tags: ["kitchen"],
      created: true,
      replaced: [],
      pending: 0,
      cost_usd: 0,
    });
    expect(keyOf(added.json.document_id)).toBe(keyOf(person.projectId));
    const found = await search("how hot is oolong brewed?");
    expect(found).toMatchObject({ mode: "hybrid", backend: "embedded" });
    expect(found.hits[0]).toMatchObject({
      type: "document",
      tags: ["kitchen"],
      dense_rank: 1,
      lexical_rank: 1,
      source: { document_id: added.json.document_id, from: 0, index: 0, headings: ["Tea"] },
    });
    const { from, to } = found.hits[0].source;
    expect(found.hits[0].text).toBe(TEA.slice(from, to));
    expect((await list("documents")).items).toMatchObject([{ document_id: added.json.document_id, pieces: 1 }]);
    expect(await stats()).toMatchObject({ items: 1, vectors: 1, documents: 1, interactions: 0, pending: 0 });
  });

  test("is the same document when it comes again, and through the agent's handle", async () => {
    const first = await add({ title: "tea.md", content: TEA });
    const again = await add({ title: "tea.md", content: TEA }, `/my/agents/${agent.handle}/context`);
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ document_id: first.json.document_id, created: false, pieces: 1 });
    expect((await stats()).items).toBe(1);
  });

  test("with other words under the same title is refused, and with replace takes its place", async () => {
    const first = await add({ title: "tea.md", content: TEA });
    const other = { title: "tea.md", content: "# Tea\n\nOolong wants ninety degrees." };
    const refused = await add(other);
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.json).toMatchObject({ code: "name_taken", document_id: first.json.document_id });
    const replaced = await add({ ...other, replace: true });
    expect(replaced.json).toMatchObject({ created: true, replaced: [first.json.document_id] });
    expect((await list("documents")).items).toHaveLength(1);
    expect(JSON.stringify(await search("oolong degrees"))).not.toContain("eighty");
  });

  test("of many pieces is there as a whole, and goes as a whole", async () => {
    const content = Array.from({ length: 700 }, (_, n) => `Fact ${n} is about subject ${n * 13}.`).join("\n\n");
    const added = await add({ title: "facts.txt", content });
    expect(added.json.pieces).toBeGreaterThan(12);
    expect(await stats()).toMatchObject({ documents: added.json.pieces, pending: 0 });
    const gone = await remove(`/documents/${added.json.document_id}`);
    expect(gone.json).toEqual({ removed: added.json.pieces, also_removed: 0 });
    expect((await search("fact about subject 13")).hits).toEqual([]);
    expect((await remove(`/documents/${added.json.document_id}`)).status).toBe(404);
  });

  test("is not unpacked when it is a PDF that holds too much", async () => {
    const packed = deflateSync(Buffer.alloc(20_000_000, "q Q ")).toString("latin1");
    const pdf = `%PDF-1.4\n4 0 obj\n<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed}\nendstream\nendobj\n`;
    const refused = await add({ title: "b.pdf", content_base64: Buffer.from(pdf, "latin1").toString("base64") });
    expect(refused.json).toMatchObject({ code: "document_unreadable", detail: expect.stringContaining("unfolds") });
  });

  test("may be a PDF, whose pages are known, or a web page", async () => {
    const pdf = makePdf([["Tea is old."], ["Coffee came to Vienna in 1683."]]);
    const added = await add({ title: "drinks.pdf", content_base64: Buffer.from(pdf).toString("base64") });
    expect(added.json).toMatchObject({ media_type: "application/pdf", created: true });
    expect((await search("when did coffee come to Vienna?")).hits[0].source.page).toBe(1);
    const html = await add({ title: "page.html", content: "<title>Hats</title><p>Hats are worn on heads.</p>" });
    expect(html.json).toMatchObject({ media_type: "text/html" });
    expect((await search("where are hats worn?")).hits[0].text).toContain("# Hats");
  });

  const UNFIT = [
    ["a broken PDF", { title: "a.pdf", content_base64: btoa("%PDF-1.4 nothing") }, 422, "document_unreadable"],
    [
      "a picture",
      { title: "a.txt", content_base64: btoa("\u0089PNG\r\n\u001a\n\u0000\u00ff") },
      422,
      "document_unreadable",
    ],
    ["nothing", { title: "a.md", content: "  \n" }, 422, "document_unreadable"],
    ["no base64", { title: "a.txt", content_base64: "!!!!" }, 422, "invalid_request"],
    ["both kinds of content", { title: "a.md", content: "a", content_base64: "YQ==" }, 422, "invalid_request"],
    ["neither", { title: "a.md" }, 422, "invalid_request"],
    ["one of our marks as a tag", { title: "a.md", content: "a", tags: ["~document"] }, 422, "invalid_request"],
  ] as const;
  test("that is none is refused with the reason, and leaves nothing", async () => {
    for (const [what, body, status, code] of UNFIT) {
      const refused = await add(body);
      expect({ status: refused.status, code: refused.json.code }, what).toEqual({ status, code });
    }
    expect((await stats()).items).toBe(0);
  });

  test("may be larger than other bodies, up to a limit", async () => {
    const large = await add({ title: "large.md", content: `${"word ".repeat(250_000)}` });
    expect(large.status).toBe(201);
    const tooLarge = await add({ title: "huge.md", content: "x".repeat(12 * 1024 * 1024) });
    expect(tooLarge.status).toBe(413);
  });
});

describe("items", () => {
  const interaction = (id: string, text: string, tags: readonly string[] = [], at_ = 1_000) => ({
    id,
    text,
    title: text,
    at: at_,
    success: true,
    tags: ["direct", ...tags],
    source: {
      kind: "interaction" as const,
      run_id: mintId("run", keyOf(person.projectId)),
      step_id: mintId("step", keyOf(person.projectId)),
      room_id: mintId("room", keyOf(person.projectId)),
      work: "direct",
    },
    vector: null,
  });

  test("are looked through page by page, by type and by what narrows them", async () => {
    const store = embeddedContexts(env.CONTEXTS);
    const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
    await store.put(
      refOf(),
      ids.map((id, n) => interaction(id, `Talk ${n}`, [], n * 1_000)),
    );
    await add({ title: "tea.md", content: TEA });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { items: { id: string }[]; next_cursor: string | null } = await list(
        `items?type=interaction&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen.sort()).toEqual([...ids].sort());
    const late = await list(`items?since=${encodeURIComponent(new Date(3_000).toISOString())}&success=true`);
    expect(late.items.map(({ text }: { text: string }) => text).sort()).toEqual(["Talk 3", "Talk 4"]);
    expect((await list("items?tag=nothing")).items).toEqual([]);
  });

  test("go with the answers that rested on them; a document goes on without its first piece", async () => {
    const content = Array.from({ length: 200 }, (_, n) => `Fact ${n} is about subject ${n * 13}.`).join("\n\n");
    const { document_id } = (await add({ title: "facts.txt", content })).json;
    const first = (await search("Fact 0 is about subject 0")).hits.find(
      ({ source }: { source: { index: number } }) => source.index === 0,
    );
    const answer = crypto.randomUUID();
    await embeddedContexts(env.CONTEXTS).put(refOf(), [
      interaction(answer, "It is about subject zero", [restsOn(first.id)]),
      interaction(crypto.randomUUID(), "Something else"),
    ]);
    expect((await remove(`/items/${first.id}`)).json).toEqual({ removed: 1, also_removed: 1 });
    expect((await list("items?type=interaction")).items).toHaveLength(1);
    expect((await list("documents")).items).toMatchObject([{ document_id, title: "facts.txt" }]);
    // The piece that took the first one's place gets its vector from the space.
    await expect.poll(async () => (await stats()).pending).toBe(0);
    expect((await remove(`/items/${first.id}`)).status).toBe(404);
    // Added again, it is whole again, and listed once.
    const [listed] = (await list("documents")).items;
    expect((await add({ title: "facts.txt", content })).json).toMatchObject({ document_id, created: true });
    expect((await list("documents")).items).toHaveLength(1);
    expect(await stats()).toMatchObject({ documents: listed.pieces });
    expect((await add({ title: "facts.txt", content })).json).toMatchObject({ created: false });
  });

  test("that are thrown away by a rule take along what rests on them", async () => {
    const content = Array.from({ length: 200 }, (_, n) => `Fact ${n} is about subject ${n * 13}.`).join("\n\n");
    await add({ title: "facts.txt", content });
    const [hit] = (await search("Fact 0 is about subject 0")).hits;
    const answer = interaction(crypto.randomUUID(), "It is about subject zero", [restsOn(hit.id)]);
    await embeddedContexts(env.CONTEXTS).put(refOf(), [answer]);
    const { documents } = await stats();
    expect(documents).toBeGreaterThan(2);
    const pruned = await ask(`${at}/prune`, { token: person.token, body: { type: "document", max_count: 0 } });
    expect(pruned.json).toEqual({ removed: documents, also_removed: 1 });
    expect((await stats()).items).toBe(0);
  });

  test("are thrown away by age, type and number, and all of them when the context is cleared", async () => {
    const day = 86_400_000;
    const now = Date.now();
    const old = [3, 2, 1].map((days) => interaction(crypto.randomUUID(), `${days} days`, [], now - days * day));
    await embeddedContexts(env.CONTEXTS).put(refOf(), old);
    await add({ title: "tea.md", content: TEA });
    const prune = (body: object) => ask(`${at}/prune`, { token: person.token, body });
    expect((await prune({})).status).toBe(422);
    expect((await prune({ older_than_days: 2.5 })).json).toEqual({ removed: 1, also_removed: 0 });
    expect((await prune({ type: "interaction", max_count: 1 })).json).toEqual({ removed: 1, also_removed: 0 });
    expect((await list("items?type=interaction")).items).toMatchObject([{ text: "1 days" }]);
    expect((await ask(at, { method: "DELETE", token: person.token })).json).toEqual({ removed: 2, also_removed: 0 });
    expect((await stats()).items).toBe(0);
  });

  test("are taken along as lines, all of them", async () => {
    const store = embeddedContexts(env.CONTEXTS);
    const many = Array.from({ length: 450 }, (_, n) => interaction(crypto.randomUUID(), `Talk ${n}`));
    await store.put(refOf(), many);
    const answer = await send(`${at}/export`, { token: person.token });
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="Architect-context.ndjson"');
    const lines = (await answer.text()).trim().split("\n");
    expect(new Set(lines.map((line) => JSON.parse(line).id))).toEqual(new Set(many.map(({ id }) => id)));
    expect(lines[0]).not.toContain("vector");
  });
});

describe("an embedding model of one's own", () => {
  const SERVER = "http://embeddings.test/v1";
  const vars = {
    EMBEDDING_BASE_URL: SERVER,
    EMBEDDING_MODEL: "priced",
    EMBEDDING_DIMENSIONS: "16",
    MODEL_PRICES: "priced=1000/0",
  };

  /** Through the same doors, of an installation with that model. */
  const there = async (path: string, body: unknown, answer: () => Response) => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => answer());
    const request = new Request(`https://retinue.test${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const ctx = createExecutionContext();
    const response = await app.fetch(request, { ...env, ...vars }, ctx);
    await waitOnExecutionContext(ctx);
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const claiming = (tokens: number) => () =>
    Response.json({
      data: [{ index: 0, embedding: Array.from({ length: 16 }, (_, n) => n + 1) }],
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  const vectors = claiming(30);
  const down = () => Response.json({ error: { message: "down" } }, { status: 503 });

  test("that does not answer keeps no document out: it is found by its words, and waits", async () => {
    const added = await there(`${at}/documents`, { title: "tea.md", content: TEA }, down);
    expect(added).toMatchObject({ status: 201, json: { created: true, pending: 1, pieces: 1 } });
    const found = await there(`${at}/search`, { query: "oolong" }, down);
    expect(found.json).toMatchObject({ mode: "words", hits: [{ similarity: null, lexical_rank: 1 }] });
  });

  test("costs what it costs, and usage tells it", async () => {
    const added = await there(`${at}/documents`, { title: "tea.md", content: TEA }, vectors);
    expect(added.json).toMatchObject({ created: true, pending: 0, input_tokens: 30, cost_usd: 0.03 });
    expect((await ask("/my/budget", { token: person.token })).json).toMatchObject({ spent_usd: 0.03, reserved_usd: 0 });
    const events = await ask("/v1/events?type=model.used", { token: person.token });
    expect(events.json.items).toMatchObject([{ data: { purpose: "embedding", agent_id: agent.id, cost_usd: 0.03 } }]);
  });

  test("costs for a search too, and usage tells that", async () => {
    const found = await there(`${at}/search`, { query: "oolong" }, claiming(3));
    expect(found.json).toMatchObject({ mode: "hybrid", hits: [] });
    const events = await ask("/v1/events?type=model.used", { token: person.token });
    expect(events.json.items).toMatchObject([{ data: { purpose: "embedding", agent_id: agent.id, cost_usd: 0.003 } }]);
    expect(events.json.items[0].data).not.toHaveProperty("claimed");
  });

  test("costs no more than was agreed, whatever its server claims, and an incident names it", async () => {
    for (const _ of [1, 2]) await there(`${at}/search`, { query: "oolong" }, claiming(1e9));
    const agreed = {
      input_tokens: 4,
      cost_usd: 0.004,
      claimed: { input_tokens: 1e9, output_tokens: 0, cost_usd: 1e6 },
    };
    const events = await ask("/v1/events?type=model.used", { token: person.token });
    expect(events.json.items).toMatchObject([{ data: agreed }, { data: agreed }]);
    expect((await ask("/my/budget", { token: person.token })).json).toMatchObject({ spent_usd: 0.008 });
    const incidents = await ask("/v1/incidents", { token: person.token });
    expect(incidents.json.items).toMatchObject([{ severity: "medium", details: expect.stringContaining("priced") }]);
  });

  test("is not asked where the budget has no room, and nothing is stored", async () => {
    await ask("/my/budget", { method: "PUT", token: person.token, body: { monthly_budget_usd: 0.01 } });
    const refused = await there(`${at}/documents`, { title: "tea.md", content: TEA }, vectors);
    expect(refused).toMatchObject({ status: 402, json: { code: "budget_exhausted" } });
    expect(globalThis.fetch).not.toHaveBeenCalled();
    expect((await stats()).items).toBe(0);
  });

  test("warns in the project's log when it spent most of a budget", async () => {
    await ask("/my/budget", { method: "PUT", token: person.token, body: { monthly_budget_usd: 0.2, alert_at: 0.1 } });
    await there(`${at}/documents`, { title: "tea.md", content: TEA }, vectors);
    const events = await ask("/v1/events?type=budget.alerted", { token: person.token });
    expect(events.json.items).toHaveLength(1);
  });
});
