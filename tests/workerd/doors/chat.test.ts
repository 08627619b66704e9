// Chat, runs, approvals and the log through the front door, answered by the offline model.
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ask, type Person, register, send } from "#tests/support/workerd/api.ts";

const room = async ({ token }: Person, title?: string): Promise<string> =>
  (await ask("/my/chat", { token, body: title === undefined ? {} : { title } })).json.id;

const say = (person: Person, session: string, body: object, headers: Record<string, string> = {}) =>
  ask(`/my/chat/${session}/message`, { token: person.token, body, headers });

describe("sessions", () => {
  test("are opened with and without a body, renamed, listed and deleted", async () => {
    const ada = await register();
    const bare = await ask("/my/chat/", { method: "POST", token: ada.token });
    expect(bare.json).toMatchObject({ title: "New chat", project_id: ada.projectId, message_count: 0 });
    const named = await room(ada, "Plans");
    expect(
      (await ask(`/my/chat/${named}`, { method: "PATCH", token: ada.token, body: { title: "Better plans" } })).json
        .title,
    ).toBe("Better plans");
    expect((await ask("/my/chat", { token: ada.token })).json.items).toHaveLength(2);
    expect((await ask(`/my/chat/${named}`, { method: "DELETE", token: ada.token })).json).toEqual({ ok: true });
    expect((await ask(`/my/chat/${named}`, { token: ada.token })).json.code).toBe("not_found");
  });
});

describe("a direct call", () => {
  test("answers 200 with the reply when the run ends within the wait", async () => {
    const ada = await register();
    const session = await room(ada);
    const { status, json, headers } = await say(
      ada,
      session,
      { content: "@codeassistant: who are you?" },
      { prefer: "wait=20" },
    );
    expect(status).toBe(200);
    expect(headers.get("preference-applied")).toBe("wait=20");
    expect(json).toMatchObject({
      mode: "direct",
      run: { status: "completed", agent: { name: "CodeAssistant" } },
      message: { role: "user" },
      reply: { role: "agent" },
    });
    const history = await ask(`/my/chat/${session}/messages`, { token: ada.token });
    expect(history.json.items.map(({ role }: { role: string }) => role).sort()).toEqual(["agent", "user"]);
    expect((await ask(`/v1/runs/${json.run.id}`, { token: ada.token })).json.id).toBe(json.run.id);
    expect((await ask(`/v1/runs/${json.run.id}/toolcalls`, { token: ada.token })).json.items).toEqual([]);
    expect((await ask("/v1/runs?status=completed", { token: ada.token })).json.items).toHaveLength(1);
    expect((await ask(`/v1/runs/${json.run.id}/cancel`, { token: ada.token, body: {} })).json.code).toBe(
      "not_cancellable",
    );
  });

  test("answers 202 with a place to look when nobody waits, and can be cancelled there", async () => {
    const ada = await register();
    const { status, json, headers } = await say(
      ada,
      await room(ada),
      { content: "read package.json", target_agent: "CodeAssistant" },
      { prefer: "wait=0" },
    );
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/v1/runs/${json.run.id}`);
    const cancelled = await ask(`${headers.get("location")}/cancel`, {
      token: ada.token,
      body: { reason: "changed my mind" },
    });
    expect(cancelled.json.status).toBe("cancelled");
  });

  test("to nobody, or to somebody who is not there, lists who is", async () => {
    const ada = await register();
    const session = await room(ada);
    const agents = ["Architect", "Orchestrator", "CodeAssistant", "DataAnalyst"];
    expect((await say(ada, session, { content: "hello", bypass_orchestrator: true })).json).toMatchObject({
      status: 422,
      code: "no_target_agent",
      agents,
    });
    expect((await say(ada, session, { content: "@Nobody hello" })).json).toMatchObject({
      status: 422,
      code: "unknown_agent",
      agents,
    });
    expect((await ask(`/my/chat/${session}`, { token: ada.token })).json.message_count).toBe(0);
  });

  test("reaches an agent made, renamed or deleted a moment ago as it is now", async () => {
    const ada = await register();
    const session = await room(ada);
    await say(ada, session, { content: "@Architect hello" });
    const { id } = (
      await ask("/my/agents", { token: ada.token, body: { name: "Critic", system_prompt: "Find faults." } })
    ).json;
    expect((await say(ada, session, { content: "@Critic hello" })).json.run.agent).toMatchObject({ id, version: 1 });
    await ask(`/my/agents/${id}`, { method: "PUT", token: ada.token, body: { name: "Judge" } });
    expect((await say(ada, session, { content: "@Critic hello" })).json.code).toBe("unknown_agent");
    expect((await say(ada, session, { content: "@Judge hello" })).json.run.agent).toMatchObject({ id, version: 2 });
    await ask(`/my/agents/${id}`, { method: "DELETE", token: ada.token });
    expect((await say(ada, session, { content: "@Judge hello" })).json.code).toBe("unknown_agent");
  });

  test("said twice under one Idempotency-Key is said once", async () => {
    const ada = await register();
    const session = await room(ada);
    const once = { "idempotency-key": "say-it-once" };
    const first = await say(ada, session, { content: "@Architect hello" }, once);
    const again = await say(ada, session, { content: "@Architect hello" }, once);
    expect(again.json).toEqual(first.json);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect((await say(ada, session, { content: "@Architect goodbye" }, once)).json.code).toBe("idempotency_mismatch");
    expect((await ask("/v1/runs", { token: ada.token })).json.items).toHaveLength(1);
  });
});

/** A device of the default project that acknowledges every call it gets. */
const connect = async (ada: Person): Promise<WebSocket> => {
  const response = await send(`/my/projects/${ada.projectId}/device`, {
    token: ada.token,
    headers: { upgrade: "websocket", "sec-websocket-protocol": "retinue.device.v1" },
  });
  expect(response.status).toBe(101);
  const { webSocket } = response;
  if (webSocket === null) throw new Error("no socket");
  const welcomed = new Promise<void>((resolve) => {
    webSocket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data));
      if (frame.type === "welcome") resolve();
      if (frame.type === "tool_call") {
        const outcome = { status: "succeeded", content: "done", bytes: 4, truncated: false };
        webSocket.send(JSON.stringify({ type: "tool_result", call_id: frame.call_id, outcome }));
      }
    });
  });
  webSocket.accept();
  webSocket.send(
    JSON.stringify({
      type: "hello",
      device_id: null,
      name: "laptop",
      folder: "work",
      tools: ["read_file", "write_file", "list_directory"],
      read_only: false,
    }),
  );
  await welcomed;
  return webSocket;
};

describe("approvals", () => {
  const wish = { content: "@CodeAssistant write NOTES.md with buy milk" };
  const pending = async (ada: Person, project?: string) => {
    const session = (
      await ask(`/my/chat${project === undefined ? "" : `?project_id=${project}`}`, { token: ada.token, body: {} })
    ).json.id;
    const posted = await say(ada, session, wish, { prefer: "wait=0" });
    const waiting = async () =>
      (await ask("/my/approvals?status=pending", { token: ada.token })).json.items.find(
        (one: { run_id: string }) => one.run_id === posted.json.run.id,
      );
    await expect.poll(waiting).toBeTruthy();
    return { approval: await waiting(), run: posted.json.run.id };
  };

  test("wait in the inbox until somebody says yes, and only once", async () => {
    const ada = await register();
    const device = await connect(ada);
    const { approval, run } = await pending(ada);
    expect(approval).toMatchObject({
      kind: "tool",
      tool: "write_file",
      status: "pending",
      agent: { name: "CodeAssistant" },
    });
    expect((await ask(`/my/approvals/${approval.id}`, { token: ada.token })).json).toEqual(approval);
    expect(
      (await ask(`/my/approvals/${approval.id}/confirm`, { method: "POST", token: ada.token })).json,
    ).toMatchObject({ status: "approved" });
    expect(
      (await ask(`/my/approvals/${approval.id}/reject`, { token: ada.token, body: { reason: "late" } })).json.code,
    ).toBe("already_decided");
    await expect.poll(async () => (await ask(`/v1/runs/${run}`, { token: ada.token })).json.status).toBe("completed");
    device.close(1000);
  });

  test("take a no, and take words instead", async () => {
    const ada = await register();
    const first = await pending(ada);
    expect(
      (await ask(`/my/approvals/${first.approval.id}/reject`, { token: ada.token, body: { reason: "not there" } }))
        .json,
    ).toMatchObject({ status: "rejected", note: "not there" });
    const second = await pending(ada);
    expect(
      (
        await ask(`/my/approvals/${second.approval.id}/respond`, {
          token: ada.token,
          body: { content: "use the docs folder" },
        })
      ).json.status,
    ).toBe("responded");
  });

  test("of all projects stand in one inbox, newest first, paged without gap or repeat", async () => {
    const ada = await register();
    const other = (await ask("/my/projects", { token: ada.token, body: { name: "Other" } })).json.id;
    const third = (await ask("/my/projects", { token: ada.token, body: { name: "Third" } })).json.id;
    const made: string[] = [];
    for (const project of [undefined, other, third, undefined, other])
      made.unshift((await pending(ada, project)).approval.id);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json } = await ask(`/my/approvals?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, {
        token: ada.token,
      });
      seen.push(...json.items.map(({ id }: { id: string }) => id));
      cursor = json.next_cursor;
    }
    expect(seen).toEqual(made);
    expect((await ask(`/my/approvals?project_id=${other}`, { token: ada.token })).json.items).toHaveLength(2);
  });
});

describe("the log", () => {
  test("is read, verified and headed by project, with the anchor that is kept outside", async () => {
    const ada = await register();
    await say(ada, await room(ada), { content: "@Architect hello" });
    const { token } = ada;
    const page = (await ask("/v1/events?limit=5", { token })).json;
    expect(page.items.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await ask(`/v1/events/${page.items[2].event_id}`, { token })).json).toEqual(page.items[2]);
    const { hash } = page.items[4];
    await env.DB.prepare("INSERT OR REPLACE INTO log_anchors VALUES (?, 5, ?, '2026-11-21T08:00:00.000Z')")
      .bind(ada.projectId, hash)
      .run();
    expect((await ask("/v1/events/head", { token })).json.anchor).toEqual({
      seq: 5,
      hash,
      at: "2026-11-21T08:00:00.000Z",
    });
    expect((await ask("/v1/events/verify", { token })).json).toMatchObject({
      valid: true,
      truncated: false,
      anchor: { seq: 5 },
    });
    await env.DB.prepare("UPDATE log_anchors SET hash = 'other' WHERE project_id = ?").bind(ada.projectId).run();
    expect((await ask("/v1/events/verify", { token })).json).toMatchObject({
      valid: false,
      problem: "anchor_mismatch",
    });
  });
});
