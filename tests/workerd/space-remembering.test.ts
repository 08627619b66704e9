// What an agent keeps and looks up, in real objects: the space, the agent's context, the user's memory.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, onTestFinished, vi } from "vitest";
import type { ContextItem } from "#domain/context/port.ts";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import { WorkerSpace } from "#durable-objects/index.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { agentContextName, keyOf } from "#schema/ids.ts";
import { scriptedServer } from "#tests/support/workerd/scripted-server.ts";
import {
  agentIn,
  type FreshSpace,
  freshSpace,
  killed,
  logOf,
  must,
  roomIn,
  say,
} from "#tests/support/workerd/spaces.ts";

const store = embeddedContexts(env.CONTEXTS);

const refOf = ({ user_id, project_id }: FreshSpace, agent: AgentRecord) => ({
  userId: user_id,
  projectId: project_id,
  agentId: agent.id,
  collection: agentContextName(keyOf(user_id), keyOf(project_id), agent.name),
  embedding: { model: "offline-embedding", dimensions: 384 },
});

const kept = async (space: FreshSpace, agent: AgentRecord): Promise<readonly ContextItem[]> =>
  must(await store.list(refOf(space, agent), {}, null, 100)).items;

const keeps = (space: FreshSpace, agent: AgentRecord, count: number) =>
  expect.poll(async () => (await kept(space, agent)).length).toBe(count);

it("answers in another room from what it was told in one, and cites it", async () => {
  const space = freshSpace();
  const agent = agentIn(space, { tools: [] });
  const other = agentIn(space, { name: "Other", tools: [] });
  await say(space, await roomIn(space), agent, "My dog is called Rex.");
  await keeps(space, agent, 1);
  const [item] = await kept(space, agent);
  expect(must(await store.stats(refOf(space, agent)))).toMatchObject({ items: 1, vectors: 1, pending: 0 });

  const { reply } = await say(space, await roomIn(space), agent, "What is my dog called?");
  expect(reply?.content).toContain("Rex");
  expect(reply?.citations).toEqual([expect.objectContaining({ n: 1, id: item?.id, kind: "interaction" })]);
  expect((await logOf(space)).filter(({ type }) => type === "context.retrieved")).toHaveLength(1);

  const stranger = await say(space, await roomIn(space), other, "What is my dog called?");
  expect(stranger.reply?.content).not.toContain("Rex");
  expect(must(await space.stub.verify(space.caller, null, true))).toMatchObject({
    valid: true,
    read_models: { equal: true },
  });
});

it("asks no model again for the same words in another session, though it keeps what it answered", async () => {
  const server = scriptedServer();
  const space = freshSpace();
  const agent = agentIn(space, { tools: [] });
  server.play(() => ({ kind: "text", text: "Rex is a fine name for a dog." }));
  const ask = async () => say(space, await roomIn(space), agent, "Is Rex a good name for my dog?");
  await ask();
  await keeps(space, agent, 1);
  const { run, reply } = await ask();
  expect(reply?.content).toBe("Rex is a fine name for a dog.");
  expect(server.asked.filter(({ kind }) => kind === "work")).toHaveLength(1);
  const called = (await logOf(space)).find(({ type, run_id }) => type === "model.called" && run_id === run.id);
  expect(called?.data).toMatchObject({ cached: true });
});

it("keeps what was acknowledged before the object was killed", async () => {
  let space = freshSpace();
  const agent = agentIn(space, { tools: [] });
  await say(space, await roomIn(space), agent, "My dog is called Rex.");
  space = await killed(space);
  must(await space.stub.status(space.caller));
  await keeps(space, agent, 1);
});

it("writes at most fifteen rows for a turn that found something, what is kept of it and the alarm included", async () => {
  const space = freshSpace();
  const agent = agentIn(space, { tools: [] });
  await say(space, await roomIn(space), agent, "My dog is called Rex.");
  await keeps(space, agent, 1);
  const room = await roomIn(space);
  const written = async () => must(await space.stub.status(space.caller)).rows_written;
  const cursor = () =>
    runInDurableObject(space.object, (_, ctx) =>
      ctx.storage.sql.exec("select value from meta where key = 'interactions'").toArray(),
    );
  // On a slow machine the alarm goes off meanwhile, and is set once more.
  const alarms = vi.spyOn(WorkerSpace.prototype, "alarm");
  onTestFinished(() => alarms.mockRestore());
  const rowsOfOne = async (): Promise<number> => {
    alarms.mockClear();
    const [before, at] = [await written(), await cursor()];
    const { run } = await say(space, room, agent, "What is my dog called?");
    expect((await logOf(space)).some(({ type, run_id }) => type === "context.retrieved" && run_id === run.id)).toBe(
      true,
    );
    await expect.poll(cursor).not.toEqual(at);
    return (await written()) - before - alarms.mock.calls.length;
  };
  const rows = [await rowsOfOne(), await rowsOfOne(), await rowsOfOne()];
  console.info(`rows written by one direct turn that found something, kept: ${rows.join(", ")}`);
  // What else the clock brings falls into a turn now and then; it does not fall into each.
  expect(Math.min(...rows)).toBeLessThanOrEqual(15);
});
