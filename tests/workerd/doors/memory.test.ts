// The doors of memory as a client uses them: what is written is listed, searched, taken along and deleted; a passphrase seals it;
// nobody else, and no capability, gets at it.
import { expect, test } from "vitest";
import { type Ask, ask, type Person, register, send } from "#tests/support/workerd/api.ts";

const BASE = "/api/v1/memory";
const PASSPHRASE = { "x-memory-passphrase": "a long walk by the sea" };

const at = ({ token }: Person, path: string, more: Ask = {}) => ask(`${BASE}${path}`, { token, ...more });

test("what is kept is listed with where it comes from, found by its words, and gone when it is deleted", async () => {
  const ada = await register();
  const put = await at(ada, "/core", { method: "PUT", body: { key: "name", value: "Ada" } });
  expect(put).toMatchObject({ status: 200, json: { type: "core", sealed: false, changed: true } });
  const again = await at(ada, "/core", { body: { key: "name", value: "Ada" } });
  expect(again.json).toEqual({ ...put.json, changed: false });
  const pet = await at(ada, "/associative", {
    body: { entity_type: "pet", entity_id: "Rex", text: "Rex is a dog that fears thunder" },
  });
  const listed = await at(ada, "/core");
  expect(listed.json).toMatchObject({
    items: [
      {
        id: put.json.id,
        user_id: ada.id,
        type: "core",
        key: "name",
        value: "Ada",
        trust: "user",
        locked: false,
        sealed: false,
        provenance: { source: "user" },
        last_used_at: null,
      },
    ],
    next_cursor: null,
    locked: 0,
  });
  const found = await at(ada, "/search?q=what%20does%20the%20dog%20fear");
  expect(found.json.items).toMatchObject([{ memory: { id: pet.json.id, label: "Rex", metadata: {} } }]);
  const gone = await at(ada, `/associative/${pet.json.id}`, { method: "DELETE" });
  expect(gone.json).toEqual({ ok: true, also_deleted: [], forgotten_runs: [] });
  expect((await at(ada, `/associative/${pet.json.id}`, { method: "DELETE" })).status).toBe(404);
  expect((await at(ada, "/search?q=dog")).json.items).toEqual([]);
});

test("all four lists and the export page through everything", async () => {
  const ada = await register();
  for (const key of ["one", "two", "three"]) await at(ada, "/core", { body: { key, value: key } });
  const first = await at(ada, "/core?limit=2");
  const rest = await at(ada, `/core?limit=2&cursor=${first.json.next_cursor}`);
  const keys = [...first.json.items, ...rest.json.items].map(({ key }: { key: string }) => key);
  expect(keys).toEqual(["three", "two", "one"]);
  expect(rest.json.next_cursor).toBeNull();
  for (const type of ["associative", "episodic", "proactive"])
    expect((await at(ada, `/${type}`)).json).toEqual({ items: [], next_cursor: null, locked: 0 });
  const exported = await send(`${BASE}/export`, { token: ada.token });
  expect(exported.headers.get("content-type")).toContain("application/x-ndjson");
  const lines = (await exported.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ key }) => key).sort()).toEqual(["one", "three", "two"]);
});

test("under a passphrase it is shut without it, refused with another, and opened for good by a reseal", async () => {
  const ada = await register();
  const sealed = await at(ada, "/core", { body: { key: "bank", value: "Umbrella" }, headers: PASSPHRASE });
  expect(sealed.json).toMatchObject({ sealed: true });
  const shut = await at(ada, "/core");
  expect(shut.json.items).toEqual([{ id: sealed.json.id, type: "core", locked: true, created_at: expect.any(String) }]);
  expect(shut.json.locked).toBe(1);
  expect((await at(ada, "/core", { headers: PASSPHRASE })).json.items).toMatchObject([{ value: "Umbrella" }]);
  for (const path of ["/core", "/export", "/search?q=bank"]) {
    const wrong = await at(ada, path, { headers: { "x-memory-passphrase": "not this one" } });
    expect(wrong).toMatchObject({ status: 403, json: { code: "memory_passphrase_wrong" } });
    expect(wrong.text).not.toContain("not this one");
  }
  expect(await at(ada, "/reseal", { body: { new_passphrase: null } })).toMatchObject({
    status: 403,
    json: { code: "memory_locked" },
  });
  expect((await at(ada, "/reseal", { body: { new_passphrase: null }, headers: PASSPHRASE })).json).toEqual({
    resealed: 1,
  });
  expect((await at(ada, "/core")).json.items).toMatchObject([{ value: "Umbrella", sealed: false }]);
});

test("words of any language are the same passphrase in a header and in a body", async () => {
  const ada = await register();
  await at(ada, "/core", { body: { key: "bank", value: "Umbrella" } });
  await at(ada, "/reseal", { body: { new_passphrase: "очень тихое море" } });
  const header = { "x-memory-passphrase": encodeURIComponent("очень тихое море") };
  expect((await at(ada, "/core", { headers: header })).json.items).toMatchObject([{ value: "Umbrella" }]);
});

test("an answer kept for a repeat holds nothing of what was sealed", async () => {
  const ada = await register();
  const headers = { ...PASSPHRASE, "idempotency-key": "once" };
  const first = await at(ada, "/core", { body: { key: "bank", value: "Umbrella" }, headers });
  const again = await at(ada, "/core", { body: { key: "bank", value: "Umbrella" }, headers });
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(first.text + again.text).not.toContain("Umbrella");
});

test("another passphrase is another request, whatever its key", async () => {
  const ada = await register();
  const write = (headers: Record<string, string>) =>
    at(ada, "/core", { body: { key: "bank", value: "Umbrella" }, headers: { ...headers, "idempotency-key": "once" } });
  expect((await write(PASSPHRASE)).json).toMatchObject({ sealed: true });
  expect((await write(PASSPHRASE)).json).toMatchObject({ sealed: true });
  expect(await write({})).toMatchObject({ status: 422, json: { code: "idempotency_mismatch" } });
  expect(await write({ "x-memory-passphrase": "another one altogether" })).toMatchObject({ status: 422 });
});

test("two users never see each other's memory, and one's id is nothing to the other", async () => {
  const [ada, eve] = await Promise.all([register(), register()]);
  const hers = await at(ada, "/core", { body: { key: "name", value: "Ada" } });
  expect((await at(eve, "/core")).json.items).toEqual([]);
  expect(await (await send(`${BASE}/export`, { token: eve.token })).text()).toBe("");
  expect(await at(eve, `/core/${hers.json.id}`, { method: "DELETE" })).toMatchObject({
    status: 404,
    json: { code: "not_found" },
  });
  expect((await at(ada, "/core")).json.items).toHaveLength(1);
});

test("a capability has no access to what is the account's", async () => {
  const ada = await register();
  const capability = await ask("/v1/capabilities", {
    token: ada.token,
    body: { name: "engine", principal: "service:engine-1", scopes: ["read"], ttl_seconds: 600 },
  });
  const answer = await ask(`${BASE}/core`, { token: capability.json.token });
  expect(answer).toMatchObject({ status: 403, json: { code: "insufficient_scope" } });
});

test.each([
  ["a key without a value", "/core", { key: "a" }],
  ["a value beyond its bound", "/core", { key: "a", value: "x".repeat(2_001) }],
  ["a key beyond its bound", "/core", { key: "x".repeat(65), value: "a" }],
  ["half a character", "/core", { key: "a", value: "\ud800" }],
  ["an association about nothing", "/associative", { entity_type: "pet", entity_id: " ", text: "x" }],
  ["a passphrase that is too short", "/reseal", { new_passphrase: "short" }],
])("%s is refused", async (_, path, body) => {
  const ada = await register();
  expect((await at(ada, path, { body })).status).toBe(422);
});

test("learning is turned off and on", async () => {
  const ada = await register();
  expect((await at(ada, "/settings")).json).toEqual({ learning: "on" });
  expect((await at(ada, "/settings", { method: "PUT", body: { learning: "off" } })).json).toEqual({ learning: "off" });
  expect((await at(ada, "/settings")).json).toEqual({ learning: "off" });
});

test("deleting a memory takes what agents kept of its run out of their contexts, and a redaction takes the memory", async () => {
  const ada = await register();
  const room = await ask("/my/chat", { token: ada.token, body: {} });
  const agent = (await ask("/my/agents", { token: ada.token })).json.items.find(
    ({ name }: { name: string }) => name === "Architect",
  );
  const tell = (content: string) =>
    ask(`/my/chat/${room.json.id}/message`, { token: ada.token, body: { content }, headers: { prefer: "wait=10" } });
  const knows = async (words: string): Promise<boolean> => {
    const found = await ask(`/my/agents/${agent.id}/context/search`, { token: ada.token, body: { query: words } });
    return JSON.stringify(found.json).includes(words);
  };
  await tell("@Architect Remember that my dog is called Zorblax.");
  const { items } = (await at(ada, "/core")).json;
  expect(items).toMatchObject([{ key: "dog", value: "Zorblax", provenance: { source: "agent" } }]);
  await expect.poll(() => knows("Zorblax"), { interval: 300 }).toBe(true);
  const gone = await at(ada, `/core/${items[0].id}`, { method: "DELETE" });
  expect(gone.json.forgotten_runs).toEqual([items[0].provenance.run_id]);
  await expect.poll(() => knows("Zorblax"), { interval: 300 }).toBe(false);

  const second = await tell("@Architect Remember that my cat is called Quibble.");
  expect((await at(ada, "/core")).json.items).toMatchObject([{ key: "cat" }]);
  const events = await ask(`/v1/events?run_id=${second.json.run.id}&limit=50`, { token: ada.token });
  const posted = events.json.items.find(({ type }: { type: string }) => type === "toolcall.requested");
  await ask(`/v1/events/${posted.event_id}/redact`, { token: ada.token, body: { reason: "asked for" } });
  await expect.poll(async () => (await at(ada, "/core")).json.items, { interval: 300 }).toEqual([]);
});
