// An agent that remembers, at a real server with nothing configured: facts are told in one session and documents are added, a
// new session is answered from both and cites them; what is deleted is known no more; and a kill in between loses nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Guest, newGuest } from "#tests/support/guest.ts";
import { Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const AGENT = "CodeAssistant";
const FACTS = ["My dog is called Rex.", "I work at Acme.", "My favourite tea is oolong."];

let server: Server;
let ada: Guest;
let shell: Shell;
let projectId: string;
let contextPath: string;

beforeAll(async () => {
  // What it learns by itself is another story: here only what it was told and shown.
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: "0", MEMORY_LEARN_AFTER_SECONDS: "86400" } });
  ada = await newGuest(server.url, "ada");
  shell = new Shell(server.url, { RETINUE_TOKEN: ada.token });
  projectId = (await ada.api.projects()).items[0]?.id ?? "";
  const agents = await ada.ask(`/my/projects/${projectId}/agents`);
  const agent = agents.json.items.find(({ name }: { name: string }) => name === AGENT);
  contextPath = `/my/agents/${agent.id}/context`;
});
afterAll(async () => {
  shell?.close();
  await server?.stop();
});

/** Says it in a new session, and waits for the answer. */
const ask = async (content: string, sessionId?: string) => {
  const session = sessionId ?? (await ada.api.createSession(projectId, "asking")).id;
  const posted = await ada.api.post(session, { content, target_agent: AGENT }, 25);
  expect(posted.run.status).toBe("completed");
  return posted.reply;
};

const kept = async () => (await ada.ask(`${contextPath}/items?type=interaction&limit=100`)).json.items;

it("answers a new session from what it was told and shown, cites it, and knows no more what was deleted", async () => {
  const session = await ada.api.createSession(projectId, "telling");
  for (const fact of FACTS) expect((await ask(fact, session.id))?.content).toContain("Noted");
  // Acknowledged, and perhaps not kept yet.
  await server.kill9();
  await server.restart();
  await expect.poll(async () => (await kept()).length).toBe(FACTS.length);

  for (const name of ["adapters.md", "security.md", "durable-objects.md"]) {
    const body = {
      title: `docs/${name}`,
      content: readFileSync(join(DOCS, name), "utf8"),
      media_type: "text/markdown",
    };
    expect((await ada.ask(`${contextPath}/documents`, { body })).status).toBe(201);
  }

  const work = await ask("Where do I work?");
  expect(work?.content).toContain("Acme");
  expect(work?.citations).toEqual([expect.objectContaining({ kind: "interaction", n: expect.any(Number) })]);
  const cost = await ask("What does an unknown account cost?");
  expect(cost?.content).toContain("the same time as a wrong password");
  expect(cost?.citations).toEqual([expect.objectContaining({ kind: "document", title: "docs/adapters.md" })]);
  expect((await ask("Who is my dentist?"))?.content).toContain("no good answer");

  const told = await shell.run("chat", "-m", "What is my dog called?", "--agent", AGENT, "--new");
  expect(told.out).toMatch(/Rex.*\[\d\]/);
  expect(told.err).toMatch(/looked up: \d earlier turns?/);
  expect(told.err).toMatch(/Sources\n\s*\[\d\] earlier turn \(direct\), \d{4}-\d\d-\d\d/);

  // That answer repeats the fact; deleting the fact deletes both.
  const rex = () => kept().then((items) => items.filter(({ text }: { text: string }) => text.includes("Rex")));
  await expect.poll(async () => (await rex()).length).toBe(2);
  const [fact] = (await rex()).filter(({ title }: { title: string }) => title === FACTS[0]);
  expect((await ada.ask(`${contextPath}/items/${fact.id}`, { method: "DELETE" })).status).toBe(200);
  expect((await ask("What is my dog called?"))?.content).toContain("no good answer");
  expect((await ask("What is my favourite tea?"))?.content).toContain("oolong");
});
