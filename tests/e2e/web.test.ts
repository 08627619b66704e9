// The web at a real server: sites on loopback that only explicit configuration lets in, a search provider of one's own, and a
// kill in the middle of a fetch. The sites' own ledgers say what was fetched.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { searxngPaths } from "#tests/doubles/search-providers.ts";
import { openWebSite, page, sentOn, silent, type WebSite } from "#tests/doubles/web-site.ts";
import { type Guest, newGuest } from "#tests/support/guest.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

let site: WebSite;
let inner: WebSite;
let model: OpenAiServer;
let server: Server;
let ada: Guest;
let projectId: string;
let slowVisits = 0;

const tea = page("<title>Tea</title><p>Green tea is brewed at eighty degrees.</p>");

beforeAll(async () => {
  inner = await openWebSite({ "/": page("the crown jewels"), ...searxngPaths() });
  const port = inner.host.split(":")[1];
  site = await openWebSite({
    "/tea": tea,
    "/slow": (response, visit) => {
      slowVisits += 1;
      if (slowVisits === 1) silent(response, visit);
      else tea(response, visit);
    },
    "/to/inner": sentOn(`http://${inner.host}/`),
    "/to/mapped": sentOn(`http://[::ffff:7f00:1]:${port}/`),
    "/to/number": sentOn(`http://2130706433:${port}/`),
    "/to/name": sentOn(`http://localhost:${port}/`),
    "/to/metadata": sentOn("http://169.254.169.254/latest/meta-data/"),
    "/to/file": sentOn("file:///etc/passwd"),
  });
  model = await startOpenAiServer([{ kind: "text", text: "unused" }], { validate: false });
  // The model does what the message says: "<tool> <json>", once, and then repeats what it was told.
  model.play(({ body }) => {
    const told = body.messages.findLast(({ role }) => role === "tool");
    if (told !== undefined) return { kind: "text", text: String(told.content) };
    const said = body.messages.findLast(({ role }) => role === "user")?.content ?? "";
    const [, name = "", json = "{}"] = /(web_\w+) (\{.*\})$/.exec(said) ?? [];
    return { kind: "tools", calls: [{ name, arguments: JSON.parse(json) }] };
  });
  server = await startServer({
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: "sk-test",
      MODELS: "stub",
      RATE_LIMIT_PER_MINUTE: "0",
      EGRESS_LOCAL_HOSTS: site.host,
      WEB_SEARCH_PROVIDER: "searxng",
      WEB_SEARCH_URL: `${inner.origin}/searx`,
    },
  });
  ada = await newGuest(server.url, "ada");
  projectId = (await ada.api.projects()).items[0]?.id ?? "";
  await scout(ada, projectId);
});
afterAll(async () => {
  await server.stop();
  await model.close();
  await site.close();
  await inner.close();
});

const scout = async (guest: Guest, project: string): Promise<void> => {
  const body = { name: "Scout", system_prompt: "You look things up.", tools: ["web_fetch", "web_search"] };
  expect((await guest.ask(`/my/projects/${project}/agents`, { body })).status).toBe(201);
};

/** Says it, answers yes when it is asked, and returns the answer and whether there was a question. */
const turn = async (guest: Guest, project: string, words: string) => {
  const session = await guest.api.createSession(project, "web");
  const { run } = await guest.api.post(session.id, { content: `@Scout ${words}` });
  let asked = false;
  const state = async (): Promise<string> => {
    const pending = await guest.api.approvals({ status: "pending", project_id: project });
    for (const approval of pending.items) {
      asked = true;
      await guest.api.confirm(approval.id, { arguments_hash: approval.arguments_hash });
    }
    return (await guest.api.run(project, run.id)).status;
  };
  await expect.poll(state).toBe("completed");
  const { items } = await guest.api.messages(session.id);
  return { asked, text: items.find(({ role }) => role === "agent")?.content ?? "" };
};
const fetchOf = (path: string): string => `web_fetch {"url":"${site.origin}${path}"}`;

it("reads a declared local host after one yes, and then without a question", async () => {
  const first = await turn(ada, projectId, fetchOf("/tea"));
  expect(first).toEqual({ asked: true, text: expect.stringContaining("eighty degrees") });
  expect(await turn(ada, projectId, fetchOf("/tea"))).toEqual({ ...first, asked: false });
  expect(site.visits.filter(({ path }) => path === "/tea")).toHaveLength(2);
});

it("follows no redirect to what was not allowed, however it is written", async () => {
  for (const path of ["/to/inner", "/to/mapped", "/to/number", "/to/name", "/to/metadata", "/to/file"]) {
    const { text } = await turn(ada, projectId, fetchOf(path));
    expect(text, path).toContain("The page was not fetched");
    expect(site.visits.at(-1)?.path).toBe(path);
  }
  for (const url of [`${inner.origin}/`, "https://127.0.0.1/", "https://[::ffff:a9fe:a9fe]/", "https://localhost/"]) {
    expect(await turn(ada, projectId, `web_fetch {"url":"${url}"}`), url).toMatchObject({ asked: false });
  }
  expect(inner.visits).toEqual([]);
});

it("searches with the configured provider and asks nobody", async () => {
  const { asked, text } = await turn(ada, projectId, 'web_search {"query":"green tea","count":1}');
  expect(asked).toBe(false);
  expect(text).toContain("1. Green tea & health\n   https://tea.example.org/green");
  expect(inner.visits.map(({ path }) => path)).toEqual(["/searx/search?q=green+tea&format=json"]);
  const offered = model.requests.at(-1)?.body.tools?.map((tool) => tool.function.name);
  expect(offered).toEqual(["web_fetch", "web_search"]);
});

it("makes a fetch again that a kill of the whole server interrupted", async () => {
  const session = await ada.api.createSession(projectId, "killed");
  const { run } = await ada.api.post(session.id, { content: `@Scout ${fetchOf("/slow")}` });
  await expect.poll(() => slowVisits).toBe(1);
  await server.kill9();
  await server.restart();
  await expect.poll(async () => (await ada.api.run(projectId, run.id)).status).toBe("completed");
  expect(slowVisits).toBe(2);
  const events = await ada.api.events(projectId, { run_id: run.id, limit: 100 });
  expect(events.items.filter(({ type }) => type === "toolcall.succeeded")).toHaveLength(1);
  expect((await ada.api.verify(projectId)).valid).toBe(true);
});

it("neither reads a local host nor offers a search where nobody configured them", async () => {
  const plain = await startServer({
    env: { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: "sk-test", MODELS: "stub", RATE_LIMIT_PER_MINUTE: "0" },
  });
  try {
    const bob = await newGuest(plain.url, "bob");
    const project = (await bob.api.projects()).items[0]?.id ?? "";
    await scout(bob, project);
    const before = site.visits.length;
    expect((await turn(bob, project, fetchOf("/tea"))).text).toContain("only https is spoken");
    const searched = await turn(bob, project, 'web_search {"query":"green tea"}');
    expect(searched).toEqual({ asked: false, text: expect.stringContaining("No web search is set up on this server") });
    expect(model.requests.at(-1)?.body.tools?.map((tool) => tool.function.name)).toEqual(["web_fetch"]);
    expect(site.visits).toHaveLength(before);
  } finally {
    await plain.stop();
  }
});
