// Projects and agents through the front door.
import { describe, expect, test } from "vitest";
import { PROJECTS_PER_USER } from "#adapters/d1/projects.ts";
import { ask, register } from "#tests/support/workerd/api.ts";

const AGENT = { name: "Critic", system_prompt: "You look for what is wrong." };

describe("projects", () => {
  test("a new one is ready: its space is open and four agents are registered in it", async () => {
    const { token } = await register();
    const made = await ask("/my/projects/", { token, body: { name: "Thesis", description: "All of it" } });
    expect(made.status).toBe(201);
    const space = await ask(`/my/projects/${made.json.id}/space`, { token });
    expect(space.json.agents.map(({ name }: { name: string }) => name).sort()).toEqual([
      "Architect",
      "CodeAssistant",
      "DataAnalyst",
      "Orchestrator",
    ]);
    expect((await ask(`/my/projects/${made.json.id}/`, { token })).json).toEqual(made.json);
  });

  test("are reset by a request that says nothing else", async () => {
    const { token } = await register();
    const made = await ask("/my/projects", { token, body: { name: "Lab" } });
    const reset = (body?: Record<string, unknown>) =>
      ask(`/my/projects/${made.json.id}/space/reset`, {
        method: "POST",
        token,
        ...(body === undefined ? {} : { body }),
      });
    expect(await reset({ dry_run: true })).toMatchObject({ status: 422, json: { code: "invalid_request" } });
    expect((await reset({})).status).toBe(200);
    expect((await reset()).status).toBe(200);
  });

  test("are listed in pages that neither repeat nor skip", async () => {
    const { token } = await register();
    for (const name of ["B", "C", "D", "E"]) await ask("/my/projects", { token, body: { name } });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json } = await ask(`/my/projects?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, { token });
      seen.push(...json.items.map(({ name }: { name: string }) => name));
      cursor = json.next_cursor;
    }
    expect(seen).toEqual(["Default", "B", "C", "D", "E"]);
  });

  test("a name is taken whatever its case, and free again after deletion", async () => {
    const { token } = await register();
    const first = await ask("/my/projects", { token, body: { name: "Ärger" } });
    expect((await ask("/my/projects", { token, body: { name: "ärger" } })).json.code).toBe("name_taken");
    const other = await ask("/my/projects", { token, body: { name: "Other" } });
    expect(
      (await ask(`/my/projects/${other.json.id}`, { method: "PUT", token, body: { name: "ÄRGER" } })).json.code,
    ).toBe("name_taken");
    expect((await ask(`/my/projects/${first.json.id}`, { method: "DELETE", token })).json).toEqual({ ok: true });
    expect((await ask("/my/projects", { token, body: { name: "ärger" } })).status).toBe(201);
  });

  test("a deleted one is nobody's: its ids answer like ids that never were", async () => {
    const { token } = await register();
    const { id } = (await ask("/my/projects", { token, body: { name: "Gone" } })).json;
    const agent = (await ask(`/my/projects/${id}/agents`, { token })).json.items[0];
    await ask(`/my/projects/${id}`, { method: "DELETE", token });
    for (const path of [`/my/projects/${id}`, `/my/agents/${agent.id}`])
      expect((await ask(path, { token })).json.code).toBe("isolation_violation");
  });

  test("the default one can be renamed but not deleted", async () => {
    const { token, projectId } = await register();
    expect(
      (await ask(`/my/projects/${projectId}`, { method: "PUT", token, body: { name: "Home" } })).json,
    ).toMatchObject({ name: "Home", is_default: true });
    expect((await ask(`/my/projects/${projectId}`, { method: "DELETE", token })).json.code).toBe("default_project");
  });

  test("there are at most so many, even when asked for all at once", async () => {
    const { token } = await register();
    const answers = await Promise.all(
      Array.from({ length: PROJECTS_PER_USER + 5 }, (_, n) => ask("/my/projects", { token, body: { name: `P${n}` } })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(PROJECTS_PER_USER - 1);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ json }) => json.code))).toEqual(
      new Set(["quota_exceeded"]),
    );
  }, 120_000);

  test("unknown fields are refused by their names, and nothing is made", async () => {
    const { token } = await register();
    const made = await ask("/my/projects", {
      token,
      body: { name: "Plain", is_default: true, user_id: "usr_x" },
    });
    expect(made).toMatchObject({ status: 422, json: { code: "invalid_request" } });
    const message = "there is no such field";
    expect(made.json.errors).toEqual([
      { path: "json.is_default", message },
      { path: "json.user_id", message },
    ]);
    expect((await ask("/my/projects", { token })).json.items).toHaveLength(1);
  });
});

describe("agents", () => {
  test("need only a name and a prompt, and are found by id and by handle", async () => {
    const { token } = await register();
    const made = await ask("/my/agents", { token, body: AGENT });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ ...AGENT, version: 1, status: "ready", tools: [], model: { tier: "smart" } });
    expect(made.json.handle).toMatch(/^user[0-9A-Z]{8}_[0-9A-Z]{8}_Critic_1$/);
    for (const ref of [made.json.id, made.json.handle])
      expect((await ask(`/my/agents/${ref}`, { token })).json).toEqual(made.json);
  });

  test("a name is taken whatever its case, but only in its own project", async () => {
    const { token } = await register();
    const { id } = (await ask("/my/projects", { token, body: { name: "Second" } })).json;
    expect((await ask("/my/agents", { token, body: AGENT })).status).toBe(201);
    expect((await ask("/my/agents", { token, body: { ...AGENT, name: "CRITIC" } })).json.code).toBe("name_taken");
    expect((await ask(`/my/agents?project_id=${id}`, { token, body: AGENT })).status).toBe(201);
  });

  test("a change makes a version, keeps what was not mentioned, and frees the old name", async () => {
    const { token } = await register();
    const { id } = (await ask("/my/agents", { token, body: { ...AGENT, model: { tier: "fast", temperature: 0.5 } } }))
      .json;
    const changed = await ask(`/my/agents/${id}`, {
      method: "PUT",
      token,
      body: { name: "Judge", model: { tier: "smart" } },
    });
    expect(changed.json).toMatchObject({
      name: "Judge",
      version: 2,
      model: { tier: "smart" },
      system_prompt: AGENT.system_prompt,
    });
    expect(changed.json.model).not.toHaveProperty("temperature");
    const { json } = await ask(`/my/agents/${id}/versions?limit=1`, { token });
    expect(json.items).toMatchObject([{ version: 2, config: { name: "Judge" } }]);
    expect((await ask(`/my/agents/${id}/versions?cursor=${json.next_cursor}`, { token })).json).toMatchObject({
      items: [{ version: 1, config: { name: "Critic" } }],
      next_cursor: null,
    });
    expect((await ask("/my/agents", { token, body: AGENT })).status).toBe(201);
  });

  test("of two changes that expect the same version one wins; without expectation none is lost", async () => {
    const { token } = await register();
    const { id } = (await ask("/my/agents", { token, body: AGENT })).json;
    const put = (body: object) => ask(`/my/agents/${id}`, { method: "PUT", token, body });
    const raced = await Promise.all([
      put({ description: "a", if_version: 1 }),
      put({ description: "b", if_version: 1 }),
    ]);
    expect(raced.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(raced.find(({ status }) => status === 409)?.json.code).toBe("version_conflict");
    await Promise.all(Array.from({ length: 8 }, (_, n) => put({ description: `change ${n}` })));
    const { json } = await ask(`/my/agents/${id}/versions`, { token });
    expect(json.items.map(({ version }: { version: number }) => version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test("status and metrics of a new one are quiet; a deleted one is not found", async () => {
    const { token } = await register();
    const { id } = (await ask("/my/agents", { token, body: AGENT })).json;
    expect((await ask(`/my/agents/${id}/status`, { token })).json).toMatchObject({
      agent_id: id,
      status: "ready",
      running: 0,
    });
    expect((await ask(`/my/agents/${id}/metrics`, { token })).json).toMatchObject({
      agent_id: id,
      runs: 0,
      success_rate: null,
    });
    expect((await ask(`/my/agents/${id}`, { method: "DELETE", token })).json).toEqual({ ok: true });
    expect((await ask(`/my/agents/${id}`, { token })).status).toBe(404);
  });

  test("what is neither an id nor a handle does not fit the contract", async () => {
    const { token } = await register();
    expect((await ask("/my/agents/Critic", { token })).json.code).toBe("invalid_request");
  });
});
