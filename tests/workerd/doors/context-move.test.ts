// Moving an agent's context through its door, between our own objects and a Qdrant that is a double in this process: the real
// client speaks to it, in the runtime it ships in.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keyOf } from "#schema/ids.ts";
import { QdrantDouble } from "#tests/doubles/qdrant.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";

const QDRANT = "https://qdrant.test:6333";
let person: Person;
let agent: { id: string; name: string };
let at: string;
let double: QdrantDouble;

beforeEach(async () => {
  person = await register();
  const agents = await ask("/my/agents", { token: person.token });
  agent = agents.json.items.find(({ name }: { name: string }) => name === "Architect");
  at = `/my/agents/${agent.id}/context`;
  double = new QdrantDouble("key-1", null);
  const outside = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith(QDRANT)) return outside(input, init);
    const key = request.headers.get("api-key") ?? undefined;
    const answer = double.handle(request.method, request.url, key, await request.text());
    if (answer === null) throw new Error("no answer");
    return Response.json(answer.body, { status: answer.status });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const there = async (path: string, body: object | null, vars: object = {}, method = "POST") => {
  const request = new Request(`https://retinue.test${path}`, {
    method,
    headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const ctx = createExecutionContext();
  const response = await app.fetch(request, { ...env, QDRANT_URL: QDRANT, QDRANT_API_KEY: "key-1", ...vars }, ctx);
  await waitOnExecutionContext(ctx);
  return { status: response.status, json: JSON.parse(await response.text()) };
};
const move = (body: object, vars: object = {}) => there(`${at}/move`, body, vars);
const whole = async (body: object, vars: object = {}): Promise<number> => {
  let moved = 0;
  for (let pages = 0; pages < 20; pages += 1) {
    const { status, json } = await move(body, vars);
    expect(status, JSON.stringify(json)).toBe(200);
    moved += json.moved;
    if (json.done) return moved;
  }
  throw new Error("the move has no end");
};
const TEA = "# Tea\n\nOolong is brewed at eighty degrees for three minutes.\n";
const manual = Array.from({ length: 160 }, (_, n) => `## Part ${n}\n\n${`Valve ${n} is greased. `.repeat(60)}\n`).join(
  "\n",
);

describe("an agent's context", () => {
  test("moves to Qdrant, from one placement to the other, and back, and is found everywhere with its documents", async () => {
    await ask(`${at}/documents`, { token: person.token, body: { title: "tea.md", content: TEA } });
    const { json: added } = await ask(`${at}/documents`, {
      token: person.token,
      body: { title: "manual.md", content: manual },
    });
    expect(added.pieces).toBeGreaterThan(100);
    const all = added.pieces + 1;

    expect(await whole({ to: "qdrant" })).toBe(all);
    const first = await there(`${at}/search`, { query: "how hot is oolong brewed?", top_k: 3 });
    expect(first.json).toMatchObject({ mode: "hybrid", backend: "qdrant" });
    expect(first.json.hits[0].text).toContain("eighty degrees");
    expect((await there(at, null, {}, "GET")).json).toMatchObject({ items: all, vectors: all, pending: 0 });
    expect((await ask(at, { token: person.token })).json).toMatchObject({ backend: "embedded", items: 0 });

    const shared = { QDRANT_PLACEMENT: "shared" };
    expect(await whole({ to: "qdrant", from_placement: "dedicated" }, shared)).toBe(all);
    expect((await there(at, null, shared, "GET")).json).toMatchObject({ items: all, vectors: all });
    expect(double.collections).toEqual(["retinue_contexts_v1"]);

    expect(await whole({ to: "embedded" }, { ...shared, CONTEXT_STORE: "embedded" })).toBe(all);
    const { json: home } = await ask(`${at}/search`, {
      token: person.token,
      body: { query: "how hot is oolong brewed?", top_k: 3 },
    });
    expect(home).toMatchObject({ mode: "hybrid", backend: "embedded" });
    expect(home.hits[0].text).toContain("eighty degrees");
    expect((await ask(`${at}/documents`, { token: person.token })).json.items).toHaveLength(2);
    expect(double.pointsOf("retinue_contexts")).toEqual([]);
  }, 60_000);

  test("takes over what another program kept of it in the user's own collection, and in no other's", async () => {
    const collection = `user${keyOf(person.id)}_context`;
    const points = Array.from({ length: 130 }, (_, n) => ({
      id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
      vector: [1, 0],
      payload: n === 7 ? { agent_id: agent.name } : { agent_id: agent.name, text: `The locker ${n} is open` },
    }));
    double.plant(collection, points);
    const first = await move({ to: "qdrant", from_collection: collection });
    expect(first.json).toMatchObject({ moved: 99, skipped: 1, pending: 0, remaining: null, done: false });
    const second = await move({ to: "qdrant", from_collection: collection, cursor: first.json.next_cursor });
    expect(second.json).toMatchObject({ moved: 30, skipped: 0, next_cursor: null, done: true });
    const found = await there(`${at}/search`, { query: "locker 42", top_k: 1 });
    expect(found.json.hits[0].text).toBe("The locker 42 is open");

    const stranger = await register();
    const foreign = await move({ to: "qdrant", from_collection: `user${keyOf(stranger.id)}_context` });
    expect(foreign).toMatchObject({ status: 403, json: { code: "isolation_violation" } });
    const absent = await move({ to: "qdrant", from_collection: `user${keyOf(person.id)}_old_context` });
    expect(absent).toMatchObject({ status: 404, json: { code: "not_found" } });
  });

  test("does not move where nothing is configured, nor to where it is", async () => {
    const nowhere = await ask(`${at}/move`, { token: person.token, body: { to: "qdrant" } });
    expect(nowhere).toMatchObject({ status: 503, json: { code: "not_configured" } });
    expect(`${nowhere.json.title}: ${nowhere.json.detail}`).toBe(
      "This installation lacks a required setting: QDRANT_URL, the address of a Qdrant server",
    );
    expect(await move({ to: "qdrant", from_placement: "dedicated" })).toMatchObject({
      status: 422,
      json: { code: "invalid_request" },
    });
    for (const body of [
      { to: "elsewhere" },
      { to: "qdrant", from_collection: "a", from_placement: "shared" },
      { to: "qdrant", cursor: "1" },
      { to: "qdrant", force: true },
    ])
      expect((await move(body)).status).toBe(422);
  });

  test("stays where it is when Qdrant does not answer, and moves when it does", async () => {
    await ask(`${at}/documents`, { token: person.token, body: { title: "tea.md", content: TEA } });
    double.fail({ status: 503 }, 5);
    expect(await move({ to: "qdrant" })).toMatchObject({ status: 503, json: { code: "context_unavailable" } });
    expect((await ask(at, { token: person.token })).json.items).toBe(1);
    double.mend();
    expect(await whole({ to: "qdrant" })).toBe(1);
  });
});
