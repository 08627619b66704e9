// Capabilities over HTTP: what is done with one is told as done by its principal, and it ends with everything above it.
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

const grant = async ({ token }: Person, changes: Record<string, unknown> = {}) => {
  const body = {
    name: "engine",
    principal: "service:engine-1",
    scopes: ["read", "chat", "engine"],
    ttl_seconds: 600,
    ...changes,
  };
  const made = await ask("/v1/capabilities", { token, body });
  expect(made.status, made.text).toBe(201);
  return made.json;
};
const delegate = (token: string, body: Record<string, unknown> = {}) =>
  ask("/v1/capabilities/delegate", { token, body: { name: "part", ...body } });
const works = async (token: string) => (await ask("/v1/runs", { token })).status;

describe("who acts", () => {
  test("every event it causes says so, on behalf of its user", async () => {
    const ada = await register();
    const { token } = await grant(ada, { actions: ["room.manage", "run.create", "message.post", "external.write"] });
    const room = await ask("/v1/rooms", { token, body: { title: "Engine room" } });
    expect(room.status).toBe(201);
    const asked = await ask("/v1/approvals", { token, body: { action: "external.write", arguments: { to: "x" } } });
    expect(asked.json).toMatchObject({ status: "pending", requested_by: "service:engine-1" });
    const said = await ask(`/my/chat/${room.json.id}/message`, { token, body: { content: "@Architect hello" } });
    expect(said.status).toBe(200);
    const { json } = await ask("/v1/events?principal=service:engine-1&limit=100", { token: ada.token });
    const types = json.items.map(({ type }: { type: string }) => type);
    expect(types).toEqual(expect.arrayContaining(["room.created", "approval.requested", "message.posted"]));
    for (const event of json.items) expect(event.on_behalf_of).toBe(`user:${ada.id}`);
    const inPerson = await ask("/v1/events?type=message.posted&limit=100", { token: ada.token });
    expect(inPerson.json.items.filter((event: { principal: string }) => event.principal === `user:${ada.id}`)).toEqual(
      [],
    );
  });

  test("it may take only the actions it was given, and only where the zone lets a program", async () => {
    const ada = await register();
    const room = (await ask("/my/chat", { token: ada.token, body: {} })).json.id;
    const { token } = await grant(ada, { actions: ["message.post"] });
    const say = () => ask(`/my/chat/${room}/message`, { token, body: { content: "@Architect hello" } });
    expect((await say()).json).toMatchObject({ code: "policy_denied", reason_codes: ["action_not_granted"] });
    const wider = await grant(ada, { actions: ["run.create"] });
    const sayWider = () => ask(`/my/chat/${room}/message`, { token: wider.token, body: { content: "@Architect hi" } });
    expect((await sayWider()).status).toBe(200);
    await ask(`/my/chat/${room}`, { method: "PATCH", token: ada.token, body: { zone: "high_stakes" } });
    expect((await sayWider()).json).toMatchObject({ code: "policy_denied", decision: "require_approval" });
    expect((await ask("/v1/approvals", { token, body: { action: "external.write" } })).json.code).toBe("policy_denied");
  });

  test("calling a tool like an action it was given makes no other action its own", async () => {
    const ada = await register();
    const { token } = await grant(ada, { actions: ["message.post"] });
    const asked = await ask("/v1/approvals", { token: ada.token, body: { action: "external.write" } });
    await ask(`/v1/approvals/${asked.json.id}/decide`, { token: ada.token, body: { decision: "approve" } });
    const question = { action: "external.write", tool: "message.post", approval_id: asked.json.id };
    expect((await ask("/v1/policy/evaluate", { token, body: question })).json).toMatchObject({
      decision: "deny",
      reason_codes: ["action_not_granted"],
    });
  });

  test("a person alone answers: no capability can carry that, nor manage, nor the account", async () => {
    const ada = await register();
    for (const scope of ["approve", "manage", "account", "device"]) {
      const body = { name: "x", principal: "service:x", scopes: [scope], ttl_seconds: 60 };
      expect((await ask("/v1/capabilities", { token: ada.token, body })).json.code).toBe("invalid_request");
    }
    const { token } = await grant(ada, { actions: ["external.write"] });
    const { id } = (await ask("/v1/approvals", { token, body: { action: "external.write" } })).json;
    const decide = (bearer: string) =>
      ask(`/v1/approvals/${id}/decide`, { token: bearer, body: { decision: "approve" } });
    expect((await decide(token)).json.code).toBe("insufficient_scope");
    expect((await decide(ada.token)).json).toMatchObject({ status: "approved", decided_by: `user:${ada.id}` });
    expect((await ask(`/v1/approvals/${id}`, { token })).json.status).toBe("approved");
  });
});

describe("how it ends", () => {
  test("revoking one ends everything that was passed on from it, at once, and nothing else", async () => {
    const ada = await register();
    const root = await grant(ada);
    const sibling = await grant(ada);
    const child = (await delegate(root.token)).json;
    const grandchild = (await delegate(child.token, { principal: "service:engine-1.worker", scopes: ["read"] })).json;
    expect(grandchild).toMatchObject({ depth: 3, parent_id: child.id, principal: "service:engine-1.worker" });
    for (const { token } of [root, child, grandchild, sibling]) expect(await works(token)).toBe(200);
    expect((await ask(`/v1/capabilities/${child.id}`, { method: "DELETE", token: ada.token })).status).toBe(200);
    expect(await works(root.token)).toBe(200);
    expect(await works(sibling.token)).toBe(200);
    for (const { token } of [child, grandchild]) {
      expect(await works(token)).toBe(401);
      expect((await delegate(token)).status).toBe(401);
    }
    const { items } = (await ask("/v1/capabilities", { token: ada.token })).json;
    const revoked = items.filter(({ revoked_at }: { revoked_at: string | null }) => revoked_at !== null);
    expect(revoked.map(({ id }: { id: string }) => id).sort()).toEqual([child.id, grandchild.id].sort());
    expect(JSON.stringify(items)).not.toContain(root.token);
  });

  test("what an engine passed on to fill the project's share is gone with it, and so is its room in that share", async () => {
    const ada = await register();
    const greedy = await grant(ada, { scopes: ["engine"] });
    let last = await delegate(greedy.token);
    for (let made = 0; last.status === 201 && made < 30; made += 1) {
      const several = await Promise.all(Array.from({ length: 10 }, () => delegate(greedy.token)));
      last = several.find(({ status }) => status !== 201) ?? last;
    }
    expect(last.json.code).toBe("quota_exceeded");
    await ask(`/v1/capabilities/${greedy.id}`, { token: ada.token, method: "DELETE" });
    for (let i = 0; i < 5; i += 1) await grant(ada);
    const { json } = await ask("/v1/capabilities", { token: ada.token });
    expect(json.items.filter(({ revoked_at }: { revoked_at: string | null }) => revoked_at === null)).toHaveLength(5);
  });

  test("passing on while it is revoked: what was made has ended too, and nobody is told of a quota", async () => {
    const ada = await register();
    const { id, token } = await grant(ada);
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => delegate(token)),
      ask(`/v1/capabilities/${id}`, { token: ada.token, method: "DELETE" }),
      ...Array.from({ length: 10 }, () => delegate(token)),
    ]);
    for (const { status, json } of answers) {
      expect([200, 201, 401]).toContain(status);
      if (status === 201) expect((await ask("/v1/runs", { token: json.token })).status).toBe(401);
    }
  });

  test("it is refused once its time is over, and no child outlives it", async () => {
    const ada = await register();
    const root = await grant(ada, { ttl_seconds: 60 });
    const child = (await delegate(root.token, { ttl_seconds: 3600 })).json;
    expect(child.expires_at).toBe(root.expires_at);
    await env.DB.prepare("UPDATE capabilities SET expires_at = 1 WHERE id = ?").bind(root.id).run();
    for (const { token } of [root, child]) expect(await works(token)).toBe(401);
  });

  test("it is refused when a link of its chain is missing, or its project is gone", async () => {
    const ada = await register();
    const root = await grant(ada);
    const child = (await delegate(root.token)).json;
    await env.DB.prepare("UPDATE capabilities SET parent_id = NULL WHERE id = ?").bind(child.id).run();
    expect(await works(child.token)).toBe(401);
    const project = (await ask("/my/projects", { token: ada.token, body: { name: "Short-lived" } })).json.id;
    const inIt = await ask("/v1/capabilities", {
      token: ada.token,
      headers: { "x-workspace-id": project },
      body: { name: "e", principal: "service:e", scopes: ["read"], ttl_seconds: 60 },
    });
    expect(await works(inIt.json.token)).toBe(200);
    await ask(`/my/projects/${project}`, { method: "DELETE", token: ada.token });
    expect(await works(inIt.json.token)).toBe(401);
  });

  test("a chain is five long and no longer", async () => {
    const ada = await register();
    let { token } = await grant(ada);
    for (let depth = 2; depth <= 5; depth += 1) {
      const { status, json } = await delegate(token);
      expect({ status, depth: json.depth }).toEqual({ status: 201, depth });
      token = json.token;
    }
    expect((await delegate(token)).json.code).toBe("quota_exceeded");
  });

  test("only a capability is passed on, and never wider", async () => {
    const ada = await register();
    expect((await delegate(ada.token)).json.code).toBe("insufficient_scope");
    const { token } = await grant(ada, { scopes: ["read", "engine"], actions: ["message.post"] });
    for (const wider of [{ scopes: ["chat"] }, { actions: ["external.write"] }, { principal: "service:other" }])
      expect((await delegate(token, wider)).json.code, JSON.stringify(wider)).toBe("insufficient_scope");
  });
});

describe("its idempotency keys", () => {
  test("are its own: no capability reads the answer another one was given", async () => {
    const ada = await register();
    const other = (await ask("/my/projects", { token: ada.token, body: { name: "Other" } })).json.id;
    const one = await grant(ada);
    const two = await ask("/v1/capabilities", {
      token: ada.token,
      headers: { "x-workspace-id": other },
      body: { name: "engine", principal: "service:engine-1", scopes: ["read", "chat", "engine"], ttl_seconds: 600 },
    });
    const open = async (token: string, headers: Record<string, string> = {}) =>
      (await ask("/v1/rooms", { token, body: { title: "Mine" }, headers: { "idempotency-key": "k", ...headers } }))
        .json;
    const first = await open(one.token);
    expect((await open(one.token)).id).toBe(first.id);
    const second = await open(two.json.token);
    expect(second.id).toBeDefined();
    expect(second.id).not.toBe(first.id);
    const person = await open(ada.token);
    expect(person.id).not.toBe(first.id);
    expect((await open(ada.token, { "x-workspace-id": other })).code).toBe("idempotency_mismatch");
  });
});
