// A worker space for a test: fresh ids, its four verbs, and a device that answers as the test says.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { spaceOfJob } from "#durable-objects/stubs.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { type FromDevice, ToDevice } from "#schema/frames.ts";
import { agentHandle, keyOf, type RoomId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";

/** The value of a result that must be one. */
export const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};

/** A space of a new project, and of a new user if no other is named. */
export const freshSpace = (user_id = mintId("user")) => {
  const project_id = mintId("project");
  const stub = spaceOfJob(env.SPACES, { project_id });
  /** The object itself, to evict it or look inside. */
  const object = env.SPACES.getByName(`space:${project_id}`);
  return { caller: { user_id, project_id }, stub, object, user_id, project_id };
};
export type FreshSpace = ReturnType<typeof freshSpace>;

/** The same space after its object was killed in the middle of what it did, with `change` made to its rows. */
export const killed = async (space: FreshSpace, change?: string): Promise<FreshSpace> => {
  await runInDurableObject(space.object, async (_, ctx) => {
    if (change !== undefined) ctx.storage.sql.exec(change);
    await ctx.storage.sync();
    ctx.abort("killed");
  }).catch(() => {});
  const { project_id } = space;
  const object = env.SPACES.getByName(`space:${project_id}`);
  return { ...space, object, stub: spaceOfJob(env.SPACES, { project_id }) };
};

/** An agent of that space. */
export const agentIn = (space: FreshSpace, changes: Partial<AgentRecord> = {}): AgentRecord => {
  const name = changes.name ?? "Helper";
  const at = new Date().toISOString();
  return {
    id: mintId("agent", keyOf(space.project_id)),
    handle: agentHandle(keyOf(space.user_id), keyOf(space.project_id), name, 1),
    project_id: space.project_id,
    version: 1,
    created_at: at,
    updated_at: at,
    name,
    description: "",
    system_prompt: "You help.",
    model: { tier: "smart" },
    tools: ["read_file", "write_file", "list_directory"],
    concurrency_limit: 2,
    max_iterations: 8,
    timeout_seconds: 60,
    approval_required: false,
    ...changes,
  };
};

/** A room of that space. */
export const roomIn = async (space: FreshSpace, title = "Room"): Promise<RoomId> =>
  must(await space.stub.createRoom(space.caller, title, null)).id;

/** A message for this agent alone, without limits. */
export const direct = (agent: AgentRecord) =>
  ({ kind: "agent", agent, limitUsd: null, projectLimitUsd: null }) as const;

/** Says something to an agent and waits for the run's end for so long. */
export const say = async (
  space: FreshSpace,
  room_id: RoomId,
  agent: AgentRecord,
  content: string,
  wait_ms = 30_000,
  idempotency_key: string | null = null,
) =>
  must(await space.stub.postMessage(space.caller, { room_id, content, to: direct(agent), idempotency_key, wait_ms }));

/** Says something whose turn comes to wait for a person, and goes on when it does. */
export const sayUntilItWaits = async (space: FreshSpace, room_id: RoomId, agent: AgentRecord, content: string) => {
  const posted = await say(space, room_id, agent, content, 0);
  const run = async () => must(await space.stub.getRun(space.caller, posted.run.id));
  await expect.poll(async () => (await run()).status).toBe("waiting");
  return { ...posted, run: await run() };
};

/** Everything in the log. */
export const logOf = async (space: FreshSpace) => {
  const all = [];
  let from_seq = 0;
  for (;;) {
    const page = must(await space.stub.queryEvents(space.caller, { from_seq, limit: 100 }));
    all.push(...page.items);
    if (page.next_from_seq === null) return all;
    from_seq = page.next_from_seq;
  }
};

/** A connected device whose frames the test reads one by one. */
export const connectDevice = async (space: FreshSpace, hello: Partial<Extract<FromDevice, { type: "hello" }>> = {}) => {
  const request = new Request("http://space/device", {
    headers: {
      upgrade: "websocket",
      "x-space-user": space.user_id,
      "x-space-project": space.project_id,
      "x-space-until": String(Date.now() + 600_000),
      "sec-websocket-protocol": "retinue.device.v1",
    },
  });
  const response = await space.stub.fetch(request);
  const socket = response.webSocket;
  if (socket === null) throw new Error(`no socket: ${response.status}`);
  const frames: ToDevice[] = [];
  const waiting: ((frame: ToDevice) => void)[] = [];
  socket.accept();
  socket.addEventListener("message", (event) => {
    const frame = ToDevice.parse(JSON.parse(String(event.data)));
    const next = waiting.shift();
    if (next === undefined) frames.push(frame);
    else next(frame);
  });
  const device = {
    socket,
    next: (): Promise<ToDevice> => {
      const frame = frames.shift();
      return frame === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(frame);
    },
    /** The next call, whatever else comes before it. */
    nextCall: async () => {
      for (;;) {
        const frame = await device.next();
        if (frame.type === "tool_call") return frame;
      }
    },
    send: (frame: FromDevice): void => socket.send(JSON.stringify(frame)),
    answer: (call_id: Extract<ToDevice, { type: "tool_call" }>["call_id"], content: string): void =>
      device.send({
        type: "tool_result",
        call_id,
        outcome: { status: "succeeded", content, bytes: content.length, truncated: false },
      }),
    pending: frames,
  };
  device.send({
    type: "hello",
    device_id: null,
    name: "laptop",
    folder: "project",
    tools: ["read_file", "write_file", "list_directory"],
    read_only: false,
    ...hello,
  });
  const welcome = await device.next();
  if (welcome.type !== "welcome") throw new Error(`not welcomed: ${JSON.stringify(welcome)}`);
  return { ...device, id: welcome.device_id };
};
