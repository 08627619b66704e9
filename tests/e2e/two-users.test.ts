// Two users with two projects each at one real server. Nothing of the one's appears anywhere at the other's, and what the
// other is told about it is what is told about things that never were, on every route the server itself lists.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { mintId } from "#adapters/ids.ts";
import { projectStream } from "#client/sdk/retinue.ts";
import { DEVICE_PROTOCOL, LIVE_PROTOCOL } from "#schema/frames.ts";
import { keyOf } from "#schema/ids.ts";
import { type Asking, type Guest, newGuest, type Said } from "#tests/support/guest.ts";
import { Listener } from "../../scripts/demo/listener.ts";
import { wholeLog } from "../../scripts/demo/whole-log.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

/** What somebody has in one project; every text in it carries the mark. */
interface Estate {
  readonly mark: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly handle: string;
  readonly eventId: string;
}

let server: Server;
let ada: Guest;
let bob: Guest;
let adas: Estate[];
let bobs: Estate[];
let routes: { readonly method: string; readonly path: string }[];

const YEARLY = { cron: "0 0 1 1 *", enabled: false };

const settle = async (guest: Guest, projectId: string): Promise<Estate> => {
  const mark = `mark${randomBytes(6).toString("hex")}`;
  const { json: agent } = await guest.ask(`/my/projects/${projectId}/agents`, {
    body: { name: `A${mark}`, description: mark, system_prompt: mark, tools: ["write_file"] },
  });
  const session = await guest.api.createSession(projectId, mark);
  const said = await guest.api.post(session.id, { content: `@CodeAssistant remember ${mark}` }, 20);
  const asked = await guest.api.post(session.id, { content: `@A${mark} write ${mark}.md with ${mark}` });
  const pending = { status: "pending", project_id: projectId };
  await expect.poll(async () => (await guest.api.approvals(pending)).items.length).toBe(1);
  const [approval] = (await guest.api.approvals(pending)).items;
  const [toolCall] = (await guest.api.toolCalls(projectId, asked.run.id)).items;
  const here = { "x-workspace-id": projectId };
  const made = async (path: string, body: object): Promise<string> => {
    const { status, json, text } = await guest.ask(path, { headers: here, body });
    expect(status, text).toBe(201);
    return json.id;
  };
  const { json: steps } = await guest.ask(`/v1/runs/${said.run.id}/steps`);
  const [event] = await wholeLog(guest.api, projectId);
  const context = `/my/agents/${agent.id}/context`;
  const { json: document } = await guest.ask(`${context}/documents`, { body: { title: mark, content: mark } });
  const { json: items } = await guest.ask(`${context}/items?type=document`);
  const { json: memory } = await guest.ask("/api/v1/memory/core", { body: { key: mark, value: mark } });
  return {
    mark,
    handle: agent.handle,
    eventId: event?.event_id ?? "",
    ids: {
      project_id: projectId,
      agent_id: agent.id,
      session_id: session.id,
      run_id: said.run.id,
      approval_id: approval?.id ?? "",
      message_id: said.message.id,
      tool_call_id: toolCall?.id ?? "",
      room_id: session.id,
      thread_id: await made(`/v1/rooms/${session.id}/threads`, { title: mark }),
      step_id: steps.items[0]?.id ?? "",
      incident_id: await made("/v1/incidents", { title: mark, severity: "low" }),
      schedule_id: await made("/my/schedules", { ...YEARLY, name: mark, message: mark, project_id: projectId }),
      capability_id: mintId("capability", keyOf(projectId)),
      document_id: document.document_id,
      item_id: items.items[0]?.id ?? "",
      memory_id: memory.id,
      // One that could be theirs: it stands under their project's key.
      artifact_id: mintId("artifact", keyOf(projectId)),
    },
  };
};

/** Ids of the right shape, of one project that never was. */
const neverWere = (): Estate => {
  const project = mintId("project");
  const key = keyOf(project);
  return {
    mark: "",
    handle: `user${keyOf(mintId("user"))}_${key}_Nobody_1`,
    eventId: crypto.randomUUID(),
    ids: {
      project_id: project,
      agent_id: mintId("agent", key),
      session_id: mintId("room", key),
      run_id: mintId("run", key),
      approval_id: mintId("approval", key),
      message_id: mintId("message", key),
      tool_call_id: mintId("toolCall", key),
      room_id: mintId("room", key),
      thread_id: mintId("thread", key),
      step_id: mintId("step", key),
      incident_id: mintId("incident", key),
      schedule_id: mintId("schedule", key),
      capability_id: mintId("capability", key),
      document_id: mintId("document", key),
      item_id: crypto.randomUUID(),
      memory_id: mintId("memory", key),
      artifact_id: mintId("artifact", key),
    },
  };
};

const FAILURE = { code: "broken", message: "it broke" };
const BODIES: Readonly<Record<string, unknown>> = {
  "POST /my/projects/{project_id}/agents": { name: "Critic", system_prompt: "You look for what is wrong." },
  "PUT /my/projects/{project_id}": { description: "changed" },
  "PUT /my/agents/{agent_id}": { description: "changed" },
  "PATCH /my/chat/{session_id}": { title: "changed" },
  "POST /my/chat/{session_id}/message": { content: "@CodeAssistant hello" },
  "POST /my/approvals/{approval_id}/respond": { content: "hm" },
  "POST /v1/approvals/{approval_id}/decide": { decision: "deny" },
  "POST /my/agents/{agent_id}/context/search": { query: "hello" },
  "POST /my/agents/{agent_id}/context/documents": { title: "a.md", content: "words" },
  "POST /my/agents/{agent_id}/context/prune": { max_count: 1 },
  "POST /my/agents/{agent_id}/context/move": { to: "qdrant" },
  "PUT /my/projects/{project_id}/orchestrator": { max_parallel: 2 },
  "POST /my/projects/{project_id}/orchestrator/plan": { content: "hello" },
  "PATCH /my/schedules/{schedule_id}": { name: "changed" },
  "POST /v1/rooms/{room_id}/threads": { title: "New" },
  "POST /v1/rooms/{room_id}/fork": { from_seq: 1 },
  "POST /v1/threads/{thread_id}/messages": { content: "hm" },
  "POST /v1/runs/{run_id}/lease/heartbeat": { token: "t" },
  "POST /v1/runs/{run_id}/lease/release": { token: "t" },
  "POST /v1/runs/{run_id}/start": { lease_token: "t" },
  "POST /v1/runs/{run_id}/complete": { lease_token: "t" },
  "POST /v1/runs/{run_id}/fail": { lease_token: "t", error: FAILURE },
  "POST /v1/runs/{run_id}/steps": { lease_token: "t", title: "First" },
  "POST /v1/steps/{step_id}/complete": { lease_token: "t" },
  "POST /v1/steps/{step_id}/fail": { lease_token: "t", error: FAILURE },
  "POST /v1/steps/{step_id}/toolcalls": { lease_token: "t", tool: "shell" },
  "POST /v1/steps/{step_id}/artifacts": { lease_token: "t", kind: "text", name: "a", content: "b" },
  "POST /v1/toolcalls/{tool_call_id}/succeed": { lease_token: "t", result: "done" },
  "POST /v1/toolcalls/{tool_call_id}/fail": { lease_token: "t", error: FAILURE },
  "POST /v1/events/{event_id}/redact": { reason: "mine" },
};

/** Parts of an answer that differ from call to call whoever asks for whatever. */
const PASSING = /^(date|x-request-id|ratelimit.*|retry-after|content-length)$/;

/** An answer as it is to somebody who knows what they asked for. */
const seen = (said: Said, estate: Estate) => {
  const hide = (text: string) =>
    Object.entries({ ...estate.ids, handle: estate.handle, event_id: estate.eventId }).reduce(
      (hidden, [name, id]) => hidden.replaceAll(id, `<${name}>`),
      text,
    );
  return {
    status: said.status,
    body: hide(said.text).replaceAll(/"request_id":"[^"]*"/g, '"request_id":"…"'),
    headers: [...said.headers].filter(([name]) => !PASSING.test(name)).map(([name, value]) => [name, hide(value)]),
  };
};

const fill = (path: string, ids: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const id = name === "type" ? "core" : ids[name];
    if (id === undefined) throw new Error(`${path} takes a ${name}, which nobody here has: give them one`);
    return id;
  });

/** What is read of the project that a header names. */
const BY_HEADER = [
  ...["/v1/runs", "/v1/events", "/v1/events/head", "/v1/events/verify", "/v1/rooms", "/v1/approvals", "/v1/toolcalls"],
  ...["/v1/artifacts", "/v1/incidents", "/v1/pipeline/projection", "/v1/policy/kill-switch", "/v1/policy/hosts"],
  "/v1/capabilities",
];

/** Every way to name somebody's things: in a path, a query, a header, a body. */
const waysIn = (estate: Estate): { readonly way: string; readonly path: string; readonly asking: Asking }[] => {
  const { ids } = estate;
  const body = (way: string, method: string): Asking =>
    method === "GET" || method === "DELETE" ? { method } : { method, body: BODIES[way] ?? {} };
  const byPath = routes
    .filter(({ path }) => path.includes("{") && !path.includes("{key_id}") && !path.includes("{host}"))
    .map(({ method, path }) => {
      const way = `${method} ${path}`;
      return { way, path: fill(path, { ...ids, event_id: estate.eventId }), asking: body(way, method) };
    });
  const workspace = { "x-workspace-id": ids.project_id ?? "" };
  const project = `project_id=${ids.project_id}`;
  return [
    ...byPath,
    ...BY_HEADER.map((path) => ({
      way: `${path} by header`,
      path,
      asking: { headers: workspace },
    })),
    ...["/my/agents", "/my/chat", "/my/approvals", "/my/schedules", "/my/usage"].map((path) => ({
      way: `${path} by query`,
      path: `${path}?${project}`,
      asking: {},
    })),
    { way: "POST /my/chat by query", path: `/my/chat?${project}`, asking: { body: {} } },
    {
      way: "POST /my/agents by query",
      path: `/my/agents?${project}`,
      asking: { body: BODIES["POST /my/projects/{project_id}/agents"] },
    },
    { way: "an agent by its handle", path: `/my/agents/${estate.handle}`, asking: {} },
    ...[`/my/chat/${ids.session_id}/events`, `/my/projects/${ids.project_id}/events`].map((path) => ({
      way: `a ticket for ${path.split("/")[2]}`,
      path: "/my/stream-tickets",
      asking: { body: { path } },
    })),
    {
      way: "an agent as the target of a message",
      path: `/my/chat/${bobs[0]?.ids.session_id}/message`,
      asking: { body: { content: "hello", target_agent: estate.handle } },
    },
    {
      way: "an agent's id as the target of a message",
      path: `/my/chat/${bobs[0]?.ids.session_id}/message`,
      asking: { body: { content: "hello", target_agent: ids.agent_id } },
    },
  ];
};

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0" } });
});
afterAll(async () => server.stop());

it("gives each of two users two projects, with agents, talks and open questions", async () => {
  ada = await newGuest(server.url, "ada");
  bob = await newGuest(server.url, "bob");
  const both = async (guest: Guest) => [
    await settle(guest, guest.projectId),
    await settle(guest, (await guest.api.createProject("Second")).id),
  ];
  adas = await both(ada);
  bobs = await both(bob);
  const { json: openapi } = await ada.ask("/my/openapi.json");
  routes = Object.keys(openapi.paths).flatMap((path) =>
    Object.keys(openapi.paths[path])
      .filter((method) => /^(get|post|put|patch|delete)$/.test(method))
      .map((method) => ({ method: method.toUpperCase(), path })),
  );
  expect(routes.length).toBeGreaterThan(40);
});

it("answers about the other's things as about things that never were, on every route, and changes nothing", async () => {
  const before = await Promise.all(adas.map((estate) => wholeLog(ada.api, estate.ids.project_id ?? "")));
  for (const estate of adas) {
    const nobodys = neverWere();
    const imagined = waysIn(nobodys);
    for (const [index, { way, path, asking }] of waysIn(estate).entries()) {
      const other = imagined[index];
      if (other === undefined || other.way !== way) throw new Error(`${way} has no counterpart`);
      const foreign = await bob.ask(path, asking);
      const never = await bob.ask(other.path, other.asking);
      expect(foreign.status, `${way}: ${foreign.text}`).toBeGreaterThanOrEqual(400);
      expect(foreign.status, `${way}: ${foreign.text}`).toBeLessThan(500);
      expect(seen(foreign, estate), way).toEqual(seen(never, nobodys));
    }
  }
  const after = await Promise.all(adas.map((estate) => wholeLog(ada.api, estate.ids.project_id ?? "")));
  expect(after).toEqual(before);
});

it("lets nobody onto the other's sockets", async () => {
  const refused = async (path: string, protocol: string): Promise<number> => {
    const socket = new WebSocket(server.url.replace("http", "ws") + path, protocol, {
      headers: { authorization: `Bearer ${bob.token}` },
    });
    socket.on("error", () => {});
    const [, response] = await Promise.race([
      once(socket, "unexpected-response"),
      once(socket, "open").then(() => [null, { statusCode: 101 }]),
    ]);
    socket.terminate();
    return response.statusCode;
  };
  const own = bobs[0]?.ids.project_id ?? "";
  expect(await refused(`/my/projects/${own}/events`, LIVE_PROTOCOL)).toBe(101);
  for (const estate of [...adas, neverWere()]) {
    const project = `/my/projects/${estate.ids.project_id}`;
    expect(await refused(`${project}/device`, DEVICE_PROTOCOL)).toBe(403);
    expect(await refused(`${project}/events`, LIVE_PROTOCOL)).toBe(403);
    expect(await refused(`/my/chat/${estate.ids.session_id}/events`, LIVE_PROTOCOL)).toBe(403);
  }
});

it("shows nothing of the other's, nor of the other project's, in any list or thing of one's own", async () => {
  for (const [guest, own, foreign] of [
    [ada, adas, bobs],
    [bob, bobs, adas],
  ] as const) {
    const answers: string[] = [];
    for (const [index, { ids, mark, eventId }] of own.entries()) {
      const sibling = own[1 - index];
      for (const { path } of routes.filter(
        ({ method, path: each }) =>
          method === "GET" &&
          !/\/(events|device)$|^\/v1\/streams\//.test(each.replace("/v1/events", "")) &&
          !/docs|openapi/.test(each),
      )) {
        const full = fill(path, { ...ids, event_id: eventId });
        const query = /^\/my\/(agents|chat|approvals|schedules|usage)$/.test(path)
          ? `?project_id=${ids.project_id}`
          : path.endsWith("/memory/search")
            ? `?q=${mark}`
            : "";
        const said = await guest.ask(full + query, { headers: { "x-workspace-id": ids.project_id ?? "" } });
        expect(said.status, full).toBe(/\{artifact_id\}|\/plan$/.test(path) ? 404 : 200);
        answers.push(said.text);
        // Memory and statistics are the user's, over all of their projects.
        if (!/^\/my\/projects$|\/auth\/|\/memory\/|^\/api\/stats$/.test(path))
          expect(said.text, full).not.toContain(sibling?.mark);
      }
      expect(answers.join()).toContain(mark);
    }
    answers.push((await guest.ask("/my/approvals")).text);
    for (const estate of foreign)
      for (const secret of [estate.mark, ...Object.values(estate.ids)])
        expect(answers.filter((text) => text.includes(secret))).toEqual([]);
  }
});

it("streams to each only what is theirs, while both are at work", async () => {
  const over = new AbortController();
  const listen = (guest: Guest, estates: readonly Estate[]) =>
    estates.map(
      ({ ids }) =>
        new Listener(guest.api.live(projectStream(ids.project_id ?? ""), { fromSeq: 0, signal: over.signal })),
    );
  const ears = [...listen(ada, adas), ...listen(bob, bobs)];
  const estates = [...adas, ...bobs];
  await Promise.all(
    [ada, ada, bob, bob].map(async (guest, index) => {
      const { mark, ids } = estates[index] ?? neverWere();
      const run = await guest.api.post(ids.session_id ?? "", { content: `@CodeAssistant and ${mark} again` }, 20);
      await ears[index]?.endOf(run.run.id);
    }),
  );
  over.abort();
  await Promise.all(ears.map((ear) => ear.done));
  for (const [index, ear] of ears.entries()) {
    const heard = JSON.stringify(ear.frames);
    for (const [other, estate] of estates.entries()) {
      if (other === index) expect(heard).toContain(estate.mark);
      else expect(heard).not.toContain(estate.mark);
    }
  }
});
