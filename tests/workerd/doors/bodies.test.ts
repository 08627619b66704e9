// Bodies that are JSON and still no request: text that is no text, and names nobody asked for.
import { expect, test } from "vitest";
import { ask, register } from "#tests/support/workerd/api.ts";

const half = String.raw`\ud800`;

test("a body with half a surrogate pair is refused wherever it stands, and nothing was made of it", async () => {
  const { token, projectId } = await register();
  const session = (await ask("/my/chat", { token, body: {} })).json.id;
  const door = `/my/chat/${session}/message`;
  const raws: [string, string][] = [
    [door, `{"content":"@Architect ${half}"}`],
    [door, `{"content":"@Architect hi","metadata":{"${half}":"x"}}`],
    [door, `{"content":"@Architect hi","metadata":{"__proto__":"\\uDFFF"}}`],
    ["/my/projects", `{"name":"${half}"}`],
    ["/my/agents", `{"name":"Broken","system_prompt":"${half}"}`],
    ["/api/v1/auth/register", `{"email":"x@example.com","password":"0123456789${half}"}`],
  ];
  for (const [path, raw] of raws)
    expect((await ask(path, { token, raw })).json, raw).toMatchObject({ status: 422, code: "invalid_request" });
  expect((await ask(`${door}s`, { token })).json.items).toEqual([]);
  expect((await ask("/my/projects", { token })).json.items.map(({ id }: { id: string }) => id)).toEqual([projectId]);
});

test("a whole pair, and the words that spell half of one, are text", async () => {
  const { token } = await register();
  const made = await ask("/my/projects", { token, raw: String.raw`{"name":"\ud83d\ude00 \\ud800"}` });
  expect(made.json.name).toBe(String.raw`😀 \ud800`);
});

test("a body nested half a million deep is refused like any other that does not fit", async () => {
  const { token } = await register();
  const raw = `{"name":${"[".repeat(250_000)}"${half}"${"]".repeat(250_000)}}`;
  expect((await ask("/my/projects", { token, raw })).status).toBe(422);
});

test("a body that could not be hashed into the log is refused at every door, and the log is still whole", async () => {
  const { token } = await register();
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  const room = (await ask("/v1/rooms", { token, body: { title: "r" } })).json.id;
  const doors: [string, (json: string) => string][] = [
    ["/v1/approvals", (json) => `{"action":"external.write","arguments":${json}}`],
    ["/v1/policy/evaluate", (json) => `{"action":"external.write","arguments":${json}}`],
    ["/v1/runs", (json) => `{"room_id":"${room}","title":"t","input":${json}}`],
  ];
  for (const [path, around] of doors) {
    for (const json of [deep(250), deep(100_000), '{"x":1e400}', '{"x":[-1E+999]}', `{"x":${"9".repeat(400)}}`])
      expect((await ask(path, { token, raw: around(json) })).json, path).toMatchObject({ code: "invalid_request" });
    for (const json of [deep(90), '{"x":1e300}', '{"x":"1e400 and 1E999"}', `{"x":"${"[".repeat(500)}"}`])
      expect((await ask(path, { token, raw: around(json) })).status, path).toBeLessThan(300);
  }
  expect((await ask("/v1/events/verify?models=true", { token })).json).toMatchObject({
    valid: true,
    read_models: { equal: true },
  });
});

test("a yes with a misspelt condition is no yes", async () => {
  const { token, projectId } = await register();
  const id = `appr_01K9Z8Q3T5${projectId.slice(15, 23)}000000A0`.slice(0, 31);
  for (const [answer, body] of Object.entries({ confirm: { argument_hash: "0" }, reject: { note: "no" } }))
    expect((await ask(`/my/approvals/${id}/${answer}`, { token, body })).json.code, answer).toBe("invalid_request");
});
