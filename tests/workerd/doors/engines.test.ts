// The engines' doors over HTTP: a run from being asked for to its end, and an incident, each through its own route.
import { expect, it } from "vitest";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

const roomOf = async ({ token }: Person): Promise<string> => (await ask("/my/chat", { token, body: {} })).json.id;

it("leads a run through its whole life", async () => {
  const person = await register();
  const { token } = person;
  const room_id = await roomOf(person);
  const asked = await ask("/v1/runs", { token, body: { room_id, title: "Build", input: { ref: "main" } } });
  expect(asked).toMatchObject({ status: 201, json: { mode: "external", status: "queued", title: "Build" } });
  expect(asked.headers.get("location")).toBe(`/v1/runs/${asked.json.id}`);
  const run = `/v1/runs/${asked.json.id}`;

  const claim = await ask("/v1/runs/claim", { token, body: { engine: "e1" } });
  expect(claim).toMatchObject({ status: 200, json: { run: { id: asked.json.id, claims: 1 }, lease: { fence: 1 } } });
  const none = await ask("/v1/runs/claim", { token, body: { engine: "e2" } });
  expect(none.json).toEqual({ run: null, lease: null });
  const lease = { lease_token: claim.json.lease.token, fence: 1 };
  const beat = await ask(`${run}/lease/heartbeat`, { token, body: { token: lease.lease_token, ttl_seconds: 120 } });
  expect(Date.parse(beat.json.expires_at)).toBeGreaterThan(Date.parse(claim.json.lease.expires_at));
  expect((await ask(`${run}/start`, { token, body: lease })).json.status).toBe("running");

  const step = await ask(`${run}/steps`, { token, body: { ...lease, title: "Read" } });
  expect(step).toMatchObject({ status: 201, json: { name: "s1", status: "running" } });
  const calls = `/v1/steps/${step.json.id}/toolcalls`;
  const call = await ask(calls, { token, body: { ...lease, tool: "read_file", arguments: { path: "a.txt" } } });
  expect(call).toMatchObject({ status: 201, json: { status: "requested" } });
  const told = await ask(`/v1/toolcalls/${call.json.id}/succeed`, { token, body: { ...lease, result: { lines: 3 } } });
  expect(told.json).toMatchObject({ status: "succeeded", result: '{"lines":3}' });
  const other = await ask(calls, { token, body: { ...lease, tool: "list_directory", arguments: {} } });
  const error = { code: "gone", message: "no such folder" };
  expect((await ask(`/v1/toolcalls/${other.json.id}/fail`, { token, body: { ...lease, error } })).json.status).toBe(
    "failed",
  );
  const denied = await ask(calls, { token, body: { ...lease, tool: "shell", action: "launch.rockets" } });
  expect(denied).toMatchObject({ status: 403, json: { code: "policy_denied", reason_codes: ["unknown_action"] } });
  const listed = await ask(`/v1/toolcalls?step_id=${step.json.id}&status=succeeded`, { token });
  expect(listed.json.items.map(({ id }: { id: string }) => id)).toEqual([call.json.id]);
  expect((await ask(`/v1/toolcalls/${denied.json.tool_call_id}`, { token })).json.status).toBe("denied");

  const output = { ...lease, kind: "json", name: "result.json", content: '{"ok":true}' };
  const kept = await ask(`/v1/steps/${step.json.id}/artifacts`, { token, body: output });
  expect(kept).toMatchObject({ status: 201, json: { kind: "json", content: '{"ok":true}' } });
  const bad = await ask(`/v1/steps/${step.json.id}/artifacts`, { token, body: { ...output, content: "{" } });
  expect(bad).toMatchObject({ status: 422, json: { code: "invalid_request" } });
  const artifacts = await ask(`/v1/artifacts?run_id=${asked.json.id}`, { token });
  expect(artifacts.json.items.map(({ id }: { id: string }) => id)).toEqual([kept.json.id]);
  expect((await ask(`/v1/steps/${step.json.id}/complete`, { token, body: lease })).json.status).toBe("completed");

  const done = { ...lease, output: { built: true }, message: "Built." };
  const ended = await ask(`${run}/complete`, { token, body: done });
  expect(ended.json).toMatchObject({ status: "completed", output: { built: true } });
  expect((await ask(`${run}/complete`, { token, body: done })).json).toEqual(ended.json);
  const late = await ask(`${run}/lease/heartbeat`, { token, body: { token: lease.lease_token } });
  expect(late).toMatchObject({ status: 409, json: { code: "stale_lease", run_status: "completed" } });
  const steps = await ask(`${run}/steps`, { token });
  expect(steps.json.items).toMatchObject([{ id: step.json.id, status: "completed" }]);
  const timeline = await ask(`${run}/timeline?limit=2`, { token });
  expect(timeline.json.items.map(({ type }: { type: string }) => type)).toEqual(["run.requested", "run.claimed"]);
  expect((await ask("/v1/runs?mode=external&status=completed", { token })).json.items).toHaveLength(1);
  expect((await ask("/v1/runs?mode=direct", { token })).json.items).toHaveLength(0);
});

it("gives a run back, fails one, and cancels one", async () => {
  const person = await register();
  const { token } = person;
  const room_id = await roomOf(person);
  for (const how of ["release", "fail", "cancel"]) {
    const { json } = await ask("/v1/runs", { token, body: { room_id, title: how } });
    const claim = await ask("/v1/runs/claim", { token, body: { engine: "e1", run_id: json.id, ttl_seconds: 5 } });
    const lease_token: string = claim.json.lease.token;
    const run = `/v1/runs/${json.id}`;
    const error = { code: "broken", message: "it broke" };
    if (how === "release")
      expect((await ask(`${run}/lease/release`, { token, body: { token: lease_token } })).json.status).toBe("queued");
    if (how === "fail")
      expect((await ask(`${run}/fail`, { token, body: { lease_token, error } })).json).toMatchObject({
        status: "failed",
        error,
      });
    if (how === "cancel") expect((await ask(`${run}/cancel`, { token, body: {} })).json.status).toBe("cancelled");
  }
});

it("refuses bodies that do not fit, also ones nested past all reason", async () => {
  const person = await register();
  const { token } = person;
  const room_id = await roomOf(person);
  const deep = `{"room_id":"${room_id}","title":"x","input":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
  const bodies = [
    JSON.stringify({ room_id, title: "" }),
    JSON.stringify({ room_id, title: "x", misspelt: 1 }),
    JSON.stringify({ room_id, title: "x", input: { a: "y".repeat(300_000) } }),
    deep,
  ];
  for (const raw of bodies)
    expect((await ask("/v1/runs", { token, raw })).json).toMatchObject({ status: 422, code: "invalid_request" });
  const brief = await ask("/v1/runs/claim", { token, body: { engine: "e", ttl_seconds: 1 } });
  expect(brief.status).toBe(422);
});

it("opens an incident once, and resolves it once", async () => {
  const { token } = await register();
  const body = { title: "Red", severity: "high", details: "it is red", idempotency_key: "k" };
  const opened = await ask("/v1/incidents", { token, body });
  expect(opened).toMatchObject({ status: 201, json: { status: "open" } });
  expect(await ask("/v1/incidents", { token, body })).toMatchObject({ status: 200, json: { id: opened.json.id } });
  const changed = await ask("/v1/incidents", { token, body: { ...body, title: "Redder" } });
  expect(changed).toMatchObject({ status: 422, json: { code: "idempotency_mismatch" } });
  const path = `/v1/incidents/${opened.json.id}`;
  expect((await ask(`${path}/resolve`, { token, body: { resolution: "green" } })).json.status).toBe("resolved");
  expect(await ask(`${path}/resolve`, { token, body: {} })).toMatchObject({
    status: 409,
    json: { code: "already_resolved" },
  });
  expect((await ask(path, { token })).json.resolution).toBe("green");
  expect((await ask("/v1/incidents?status=resolved", { token })).json.items).toHaveLength(1);
});
