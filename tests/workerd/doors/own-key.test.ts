// A model key and a passphrase that come with a request, through the front door: they reach the model server and nothing else,
// and one that is wrongly shaped is refused without being repeated.
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { scriptedServer } from "#tests/support/workerd/scripted-server.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const CANARY = "sk-canary-0123456789abcdef";

const session = async ({ token }: Person): Promise<string> => (await ask("/my/chat", { token, body: {} })).json.id;
const say = async (person: Person, headers: Record<string, string>) =>
  ask(`/my/chat/${await session(person)}/message`, {
    token: person.token,
    body: { content: "@CodeAssistant hello" },
    headers,
  });

describe("a key of one's own", () => {
  it("asks the model server with it, and stands in no answer, event or kept answer", async () => {
    const server = scriptedServer({ OPENAI_API_KEY: "sk-of-the-house-0123456789" });
    const ada = await register();
    const headers = { "x-model-api-key": CANARY, "idempotency-key": "once" };
    const { status, text, json } = await say(ada, headers);
    expect(status).toBe(200);
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${CANARY}`]);
    const log = await ask(`/v1/events?run_id=${json.run.id}`, { token: ada.token });
    expect(log.text).toContain('"brought":["model_key"]');
    for (const said of [text, log.text]) expect(said).not.toContain(CANARY);
  });

  it("plans with it, too", async () => {
    const server = scriptedServer();
    server.play(() => ({ kind: "error", status: 401, message: `Incorrect API key provided: ${CANARY}` }));
    const ada = await register();
    const { status, text } = await ask(`/my/projects/${ada.projectId}/orchestrator/plan`, {
      token: ada.token,
      body: { content: "do two things" },
      headers: { "x-model-api-key": CANARY },
    });
    expect(status).toBe(503);
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${CANARY}`]);
    expect(text).not.toContain(CANARY);
  });

  it("is refused for a provider nobody knows, and is shown to nobody", async () => {
    const server = scriptedServer();
    for (const provider of ["nobody", "ollama", "constructor"]) {
      const { status, json } = await say(await register(), { "x-model-api-key": CANARY, "x-model-provider": provider });
      expect([status, json.code]).toEqual([422, "invalid_request"]);
    }
    expect(server.asked).toEqual([]);
  });

  it("is missed where a provider is named without one: nobody is asked with the installation's instead", async () => {
    const server = scriptedServer();
    const { status, json } = await say(await register(), { "x-model-provider": "openai" });
    expect([status, json.code]).toEqual([422, "invalid_request"]);
    expect(server.asked).toEqual([]);
  });

  it.each([
    ["x-model-api-key", "two words hunter2"],
    ["x-model-api-key", `hunter2\u0001`],
    ["x-model-api-key", `hunter2${"x".repeat(512)}`],
    ["x-model-provider", "HUNTER2 inc"],
    ["x-memory-passphrase", `hunter2${"x".repeat(1024)}`],
    ["x-memory-passphrase", "hunter2ü"],
  ])("is refused in %s when it is wrongly shaped, without being repeated", async (name, value) => {
    const { status, json, text } = await say(await register(), { [name]: value });
    expect([status, json.code]).toEqual([422, "invalid_request"]);
    expect(text).toContain(name);
    expect(text.toLowerCase()).not.toContain("hunter2");
  });
});
