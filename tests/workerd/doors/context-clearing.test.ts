// What an agent knew goes with the agent, and with its project; an agent that is still there keeps it.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { contextRef } from "#domain/context/ref.ts";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ProjectId } from "#schema/ids.ts";
import { Task } from "#schema/jobs.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { perform } from "#workers/queue.ts";
import { queueDeps } from "#workers/services.ts";

let person: Person;
beforeEach(async () => {
  person = await register();
});

const agentsOf = async (projectId: ProjectId): Promise<AgentRecord[]> =>
  (await ask(`/my/projects/${projectId}/agents`, { token: person.token })).json.items;

const teach = async (agent: AgentRecord) => {
  const body = { title: "tea.md", content: "Oolong is brewed at eighty degrees." };
  expect((await ask(`/my/agents/${agent.id}/context/documents`, { token: person.token, body })).status).toBe(201);
};

/** How much is left of what an agent knew, asked of the store itself: the doors no longer lead there. */
const leftOf = async ({ id, name, project_id: projectId }: AgentRecord): Promise<number> => {
  const embedding = { model: "offline-embedding", dimensions: 384 };
  const ref = contextRef({ userId: person.id, projectId, agentId: id, name }, embedding);
  const stats = await embeddedContexts(env.CONTEXTS).stats(ref);
  return stats.ok ? stats.value.items : -1;
};

/** The clearing that a project's space was asked to bring up. */
const appointed = (projectId: ProjectId): Promise<Task[]> =>
  runInDurableObject(env.SPACES.getByName(`space:${projectId}`), (_, state) =>
    state.storage.sql
      .exec<{ payload: string }>("SELECT payload FROM appointments WHERE kind = 'context_clear'")
      .toArray()
      .map(({ payload }) => Task.parse(JSON.parse(payload).task)),
  );

test("a deleted agent's context is cleared, however often the space says so; the others keep theirs", async () => {
  const [gone, stays] = await agentsOf(person.projectId);
  if (gone === undefined || stays === undefined) throw new Error("no agents");
  await Promise.all([teach(gone), teach(stays)]);
  const task: Task = {
    kind: "context_clear",
    project_id: person.projectId,
    owner_id: person.id,
    agents: [gone, stays].map(({ id, name }) => ({ id, name })),
  };
  await perform(queueDeps(env), task);
  expect([await leftOf(gone), await leftOf(stays)]).toEqual([1, 1]);

  expect((await ask(`/my/agents/${gone.id}`, { method: "DELETE", token: person.token })).status).toBe(200);
  await perform(queueDeps(env), task);
  await perform(queueDeps(env), task);
  expect([await leftOf(gone), await leftOf(stays)]).toEqual([0, 1]);
});

test("deleting an agent leaves it to its space that the context goes", async () => {
  const [agent] = await agentsOf(person.projectId);
  if (agent === undefined) throw new Error("no agent");
  await teach(agent);
  await ask(`/my/agents/${agent.id}`, { method: "DELETE", token: person.token });
  for (const task of await appointed(person.projectId)) await perform(queueDeps(env), task);
  await expect.poll(() => leftOf(agent)).toBe(0);
});

test("deleting a project leaves it to its space that what its agents knew goes", async () => {
  const other = (await ask("/my/projects", { token: person.token, body: { name: "Other" } })).json.id;
  const agents = await agentsOf(other);
  await Promise.all(agents.map(teach));
  expect((await ask(`/my/projects/${other}`, { method: "DELETE", token: person.token })).status).toBe(200);
  for (const task of await appointed(other)) await perform(queueDeps(env), task);
  await expect.poll(async () => (await Promise.all(agents.map(leftOf))).join()).toBe("0,0,0,0");
});

test("a project that may not be deleted keeps everything", async () => {
  const [agent] = await agentsOf(person.projectId);
  if (agent === undefined) throw new Error("no agent");
  await teach(agent);
  const refused = await ask(`/my/projects/${person.projectId}`, { method: "DELETE", token: person.token });
  expect(refused.json.code).toBe("default_project");
  const tasks = await appointed(person.projectId);
  expect(tasks).toHaveLength(1);
  for (const task of tasks) await perform(queueDeps(env), task);
  expect(await leftOf(agent)).toBe(1);
});
