// Schedules through the front door: made, changed, paused, run out of turn and deleted; and what each refuses.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { SCHEDULES_PER_PROJECT } from "#adapters/d1/schedules.ts";
import { mintId } from "#adapters/ids.ts";
import { keyOf } from "#schema/ids.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

const NEVER_SOON = { cron: "0 0 1 1 *", message: "@Architect what is open?", name: "Review" };

const make = async ({ token }: Person, changes: Record<string, unknown> = {}) => {
  const answer = await ask("/my/schedules", { token, body: { ...NEVER_SOON, ...changes } });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer.json;
};

const appointmentsOf = ({ projectId }: Person) =>
  runInDurableObject(env.SPACES.getByName(`space:${projectId}`), (_, { storage }) =>
    storage.sql.exec<{ id: string }>("SELECT id FROM appointments ORDER BY id").toArray(),
  );

describe("a new schedule", () => {
  test("says when it comes next, and its space has an appointment for it", async () => {
    const ada = await register();
    const made = await make(ada, { cron: "0 9 * * mon-fri", time_zone: "Europe/Berlin" });
    expect(made).toMatchObject({
      project_id: ada.projectId,
      name: "Review",
      cron: "0 9 * * MON-FRI",
      time_zone: "Europe/Berlin",
      agent: { name: "Architect" },
      session_id: null,
      enabled: true,
      version: 1,
      last_run_at: null,
      last_run_id: null,
      last_status: null,
      last_error: null,
      missed: 0,
    });
    expect(keyOf(made.id)).toBe(keyOf(ada.projectId));
    expect(Date.parse(made.next_run_at)).toBeGreaterThan(Date.now());
    expect((await ask(`/my/schedules/${made.id}/`, { token: ada.token })).json).toEqual(made);
    const [its, look] = await appointmentsOf(ada);
    expect([its?.id, look?.id]).toEqual([made.id, expect.stringMatching(`^${made.id}\\.`)]);
  });

  test("takes an agent by name, by id and by handle, and its name follows the agent", async () => {
    const ada = await register();
    const [agent] = (await ask("/my/agents", { token: ada.token })).json.items;
    for (const named of [agent.name.toLowerCase(), agent.id, agent.handle]) {
      expect((await make(ada, { agent: named, message: "hello" })).agent).toEqual({ id: agent.id, name: agent.name });
    }
    await ask(`/my/agents/${agent.id}`, { method: "PUT", token: ada.token, body: { name: "Renamed" } });
    const { items } = (await ask("/my/schedules", { token: ada.token })).json;
    expect(items.map((one: { agent: { name: string } }) => one.agent.name)).toEqual(["Renamed", "Renamed", "Renamed"]);
  });

  test.each([
    [{ cron: "61 * * * *" }, "invalid_request"],
    [{ cron: "0 0 30 2 *" }, "invalid_request"],
    [{ cron: "* * * * * *" }, "invalid_request"],
    [{ time_zone: "Mars/Olympus" }, "invalid_request"],
    [{ message: "" }, "invalid_request"],
    [{ agent: "Nobody" }, "unknown_agent"],
    [{ message: "@Nobody hello" }, "unknown_agent"],
    [{ session_id: mintId("room") }, "isolation_violation"],
    [{ project_id: mintId("project") }, "isolation_violation"],
  ])("with %j is refused: %s", async (changes, code) => {
    const { token } = await register();
    const answer = await ask("/my/schedules", { token, body: { ...NEVER_SOON, ...changes } });
    expect(answer.json.code).toBe(code);
    expect((await ask("/my/schedules", { token })).json.items).toEqual([]);
  });

  test("takes a session of its own project only, and only one that is there", async () => {
    const ada = await register();
    const { token } = ada;
    const other = await ask("/my/projects", { token, body: { name: "Other" } });
    const there = await ask(`/my/chat?project_id=${other.json.id}`, { token, body: {} });
    const here = await ask("/my/chat", { token, body: {} });
    const asked = (session_id: string) => ask("/my/schedules", { token, body: { ...NEVER_SOON, session_id } });
    expect((await asked(there.json.id)).json.code).toBe("invalid_request");
    expect((await asked(mintId("room", keyOf(ada.projectId)))).json.code).toBe("not_found");
    expect((await asked(here.json.id)).json.session_id).toBe(here.json.id);
  });

  test("is one too many beyond the project's limit, also for requests side by side", async () => {
    const ada = await register();
    for (let made = 0; made < SCHEDULES_PER_PROJECT - 2; made += 1) await make(ada);
    const last = await Promise.all(
      Array.from({ length: 5 }, () => ask("/my/schedules", { token: ada.token, body: NEVER_SOON })),
    );
    expect(last.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429, 429]);
    expect(last.find(({ status }) => status === 429)?.json.code).toBe("quota_exceeded");
  });
});

describe("a change", () => {
  test("of words leaves the time alone; of timing moves it; each is a version", async () => {
    const ada = await register();
    const made = await make(ada);
    const patch = (body: object) => ask(`/my/schedules/${made.id}`, { method: "PATCH", token: ada.token, body });
    const renamed = (await patch({ name: "Other", message: "again" })).json;
    expect(renamed).toMatchObject({ name: "Other", message: "again", version: 2, next_run_at: made.next_run_at });
    const moved = (await patch({ cron: "@daily" })).json;
    expect(moved).toMatchObject({ version: 3, cron: "@daily" });
    expect(moved.next_run_at < made.next_run_at).toBe(true);
    expect((await patch({ cron: "no" })).json.code).toBe("invalid_request");
    expect((await patch({ agent: "Nobody" })).json.code).toBe("unknown_agent");
    expect((await ask(`/my/schedules/${made.id}`, { token: ada.token })).json).toEqual(moved);
  });

  test("pauses and resumes: the space forgets the tick, and hears of it again", async () => {
    const ada = await register();
    const made = await make(ada);
    const patch = (body: object) => ask(`/my/schedules/${made.id}`, { method: "PATCH", token: ada.token, body });
    expect((await patch({ enabled: false })).json).toMatchObject({ enabled: false, next_run_at: null });
    expect((await appointmentsOf(ada)).map(({ id }) => id)).not.toContain(made.id);
    expect((await patch({ enabled: true })).json).toMatchObject({ enabled: true, next_run_at: made.next_run_at });
    expect((await appointmentsOf(ada)).map(({ id }) => id)).toContain(made.id);
  });

  test("of several at once loses none; over a version that is gone it is refused", async () => {
    const ada = await register();
    const made = await make(ada);
    const patch = (body: object) => ask(`/my/schedules/${made.id}`, { method: "PATCH", token: ada.token, body });
    const fields = [{ name: "N" }, { cron: "@weekly" }, { time_zone: "Asia/Tokyo" }, { message: "M" }];
    expect((await Promise.all(fields.map(patch))).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await ask(`/my/schedules/${made.id}`, { token: ada.token })).json).toMatchObject({
      name: "N",
      cron: "@weekly",
      time_zone: "Asia/Tokyo",
      message: "M",
      version: 5,
    });
    const bound = await Promise.all([patch({ name: "A", if_version: 5 }), patch({ name: "B", if_version: 5 })]);
    expect(bound.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(bound.find(({ status }) => status === 409)?.json.code).toBe("version_conflict");
  });
});

describe("running out of turn", () => {
  test("starts an ordinary run in a session of the schedule's own, and leaves the next tick where it is", async () => {
    const ada = await register();
    const made = await make(ada, { enabled: false });
    const started = await ask(`/my/schedules/${made.id}/run`, { method: "POST", token: ada.token });
    expect(started.status).toBe(202);
    expect(started.headers.get("location")).toBe(`/v1/runs/${started.json.run_id}`);
    const run = () => ask(`/v1/runs/${started.json.run_id}`, { token: ada.token });
    await expect.poll(async () => (await run()).json.status).toBe("completed");
    const now = (await ask(`/my/schedules/${made.id}`, { token: ada.token })).json;
    expect(now).toMatchObject({
      next_run_at: null,
      last_run_id: started.json.run_id,
      last_status: "completed",
      session_id: started.json.session_id,
      version: 1,
    });
    const session = await ask(`/my/chat/${now.session_id}`, { token: ada.token });
    expect(session.json).toMatchObject({ title: "Review", message_count: 2 });
    const { items } = (await ask(`/v1/events?run_id=${now.last_run_id}`, { token: ada.token })).json;
    const posted = items.find(({ type }: { type: string }) => type === "message.posted");
    expect(posted).toMatchObject({ principal: "service:schedule", on_behalf_of: `user:${ada.id}` });
  });

  test("with an idempotency key starts one run, and the next run is in the same session", async () => {
    const ada = await register();
    const { id } = await make(ada);
    const run = (key: string) =>
      ask(`/my/schedules/${id}/run`, { method: "POST", token: ada.token, headers: { "idempotency-key": key } });
    const [first, again, second] = [await run("a"), await run("a"), await run("b")];
    expect(again.json).toEqual(first.json);
    expect(second.json.run_id).not.toBe(first.json.run_id);
    expect(second.json.session_id).toBe(first.json.session_id);
  });

  test("without an agent is the orchestrator's: the team plans it, under the project's own rules", async () => {
    const ada = await register();
    const made = await make(ada, { message: "Tell me what a tide is." });
    expect(made.agent).toBeNull();
    const config = { limits: { max_cost_usd: 3 } };
    const path = `/my/projects/${ada.projectId}/orchestrator`;
    expect((await ask(path, { method: "PUT", token: ada.token, body: config })).status).toBe(200);
    const started = await ask(`/my/schedules/${made.id}/run`, { method: "POST", token: ada.token });
    const run = async () => (await ask(`/v1/runs/${started.json.run_id}`, { token: ada.token })).json;
    await expect.poll(async () => (await run()).status).toBe("completed");
    expect((await run()).mode).toBe("orchestrated");
    const { items } = (await ask(`/v1/events?run_id=${started.json.run_id}&limit=100`, { token: ada.token })).json;
    expect(items.map(({ type }: { type: string }) => type)).toContain("plan.created");
    expect(JSON.stringify(items)).toContain('"limit_usd":3');
  });

  test("can be given to an agent and back to the orchestrator", async () => {
    const ada = await register();
    const { id } = await make(ada, { message: "Look again" });
    const patch = (agent: string | null) =>
      ask(`/my/schedules/${id}`, { method: "PATCH", token: ada.token, body: { agent } });
    expect((await patch("CodeAssistant")).json.agent.name).toBe("CodeAssistant");
    expect((await patch(null)).json.agent).toBeNull();
  });

  test("whose session was deleted goes on in a new one", async () => {
    const ada = await register();
    const { id } = await make(ada);
    const run = async () => (await ask(`/my/schedules/${id}/run`, { method: "POST", token: ada.token })).json;
    const first = await run();
    await ask(`/my/chat/${first.session_id}`, { method: "DELETE", token: ada.token });
    const second = await run();
    expect(second.session_id).not.toBe(first.session_id);
    expect((await ask(`/my/schedules/${id}`, { token: ada.token })).json.session_id).toBe(second.session_id);
  });

  test("whose agent is gone is refused with the reason", async () => {
    const ada = await register();
    const { id, agent } = await make(ada);
    await ask(`/my/agents/${agent.id}`, { method: "DELETE", token: ada.token });
    expect((await ask(`/my/schedules/${id}/run`, { method: "POST", token: ada.token })).json.code).toBe(
      "unknown_agent",
    );
    expect((await ask(`/my/schedules/${id}`, { token: ada.token })).json.agent).toEqual({ id: agent.id, name: null });
  });
});

test("a list goes over all projects or one, in pages; what is deleted or whose project is deleted is gone", async () => {
  const ada = await register();
  const other = (await ask("/my/projects", { token: ada.token, body: { name: "Other" } })).json.id;
  for (const name of ["A", "B"]) await make(ada, { name });
  for (const name of ["C", "D"]) await make(ada, { name, project_id: other });
  const names = async (query: string): Promise<string[]> => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json } = await ask(`/my/schedules?limit=1${query}&cursor=${cursor}`, { token: ada.token });
      seen.push(...json.items.map(({ name }: { name: string }) => name));
      cursor = json.next_cursor;
    }
    return seen;
  };
  expect(await names("")).toEqual(["A", "B", "C", "D"]);
  expect(await names(`&project_id=${other}`)).toEqual(["C", "D"]);
  const [first] = (await ask("/my/schedules", { token: ada.token })).json.items;
  const remove = () => ask(`/my/schedules/${first.id}`, { method: "DELETE", token: ada.token });
  expect((await remove()).json).toEqual({ ok: true });
  expect((await remove()).json.code).toBe("not_found");
  expect((await appointmentsOf(ada)).map(({ id }) => id)).not.toContain(first.id);
  await ask(`/my/projects/${other}`, { method: "DELETE", token: ada.token });
  expect(await names("")).toEqual(["B"]);
});
