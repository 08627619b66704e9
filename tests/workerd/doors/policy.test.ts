// Policy over HTTP: the gate's question, the kill switch, and who may set a room's zone.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ask, register } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";

test("the kill switch is set per project, remembered, and seen by the gate", async () => {
  const { token } = await register();
  const other = (await ask("/my/projects", { token, body: { name: "Other" } })).json.id;
  expect((await ask("/v1/policy/kill-switch", { token })).json).toEqual({
    external_write: false,
    forced: false,
    reason: null,
    set_by: null,
    set_at: null,
  });
  const set = await ask("/v1/policy/kill-switch", {
    method: "PUT",
    token,
    body: { external_write: true, reason: "stop" },
  });
  expect(set.json).toMatchObject({ external_write: true, reason: "stop", set_by: expect.stringMatching(/^user:usr_/) });
  const verdict = await ask("/v1/policy/evaluate", { token, body: { action: "external.write" } });
  expect(verdict.json).toMatchObject({ decision: "deny", reason_codes: ["kill_switch"] });
  const elsewhere = { "x-workspace-id": other };
  expect((await ask("/v1/policy/kill-switch", { token, headers: elsewhere })).json.external_write).toBe(false);
  expect(
    (await ask("/v1/policy/evaluate", { token, headers: elsewhere, body: { action: "external.write" } })).json.decision,
  ).toBe("require_approval");
});

test("a question about another user's room or approval is a violation", async () => {
  const [ada, eve] = await Promise.all([register(), register()]);
  const room = (await ask("/my/chat", { token: ada.token, body: {} })).json.id;
  const asked = await ask("/v1/policy/evaluate", { token: eve.token, body: { action: "files.read", room_id: room } });
  expect(asked.json.code).toBe("isolation_violation");
});

test("setting a room's zone needs the scope manage, a title does not", async () => {
  const { token } = await register();
  const room = (await ask("/my/chat", { token, body: {} })).json;
  expect(room.zone).toBe("supervised");
  const chatter = (await ask("/api/v1/auth/keys", { token, body: { name: "c", scopes: ["read", "chat"] } })).json.key;
  const patch = (token: string, body: unknown) => ask(`/my/chat/${room.id}`, { method: "PATCH", token, body });
  expect((await patch(chatter, { title: "New" })).json.title).toBe("New");
  expect((await patch(chatter, { zone: "sandbox" })).json.code).toBe("insufficient_scope");
  expect((await patch(chatter, { title: "Newer", zone: "sandbox" })).json.code).toBe("insufficient_scope");
  expect((await patch(token, {})).json.code).toBe("invalid_request");
  expect((await patch(token, { title: "Newest", zone: "sandbox" })).json).toMatchObject({
    title: "Newest",
    zone: "sandbox",
  });
});

test("a setting that is neither true nor false is refused by name", async () => {
  const answer = await app.request(
    "/my/projects",
    {},
    { ...env, POLICY_KILL_SWITCH_EXTERNAL_WRITE: "yes" },
    createExecutionContext(),
  );
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("POLICY_KILL_SWITCH_EXTERNAL_WRITE");
});
