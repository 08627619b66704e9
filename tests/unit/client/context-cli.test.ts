// `retinue context` as people and scripts use it, in real processes, against a scripted server.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { problem, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const AGENT = `agt_${ULID}`;
const DOCUMENT = `doc_${ULID}`;
const AT = "2026-11-21T08:00:00.000Z";
const profile = { id: `usr_${ULID}`, email: "ada@example.com", tier: "free", default_project_id: `proj_${ULID}` };
const agent = {
  id: AGENT,
  handle: "userE6R7Y8V9_T5E6R7Y8_Architect_1",
  project_id: `proj_${ULID}`,
  version: 1,
  created_at: AT,
  updated_at: AT,
  status: "ready",
  name: "Architect",
  description: "",
  system_prompt: "p",
  model: { tier: "smart" },
  tools: [],
  concurrency_limit: 2,
  max_iterations: 8,
  timeout_seconds: 300,
  approval_required: false,
};
const stats = {
  agent_id: AGENT,
  collection: "userA_B_Architect_context",
  backend: "embedded",
  items: 5,
  vectors: 4,
  interactions: 2,
  documents: 3,
  bytes: 4096,
  pending: 1,
  building: false,
  embedding: { model: "offline-embedding", dimensions: 384 },
};
const document = (title: string, more: object = {}) => ({
  document_id: DOCUMENT,
  title,
  media_type: "text/markdown",
  pieces: 2,
  tags: [],
  added_at: AT,
  created: true,
  replaced: [],
  pending: 0,
  input_tokens: 0,
  cost_usd: 0,
  ...more,
});

interface Posted {
  readonly title: string;
  readonly content_base64: string;
  readonly tags: readonly string[];
  readonly replace: boolean;
}
const postedIn = (seen: readonly Seen[]): Posted[] =>
  seen.filter(({ method, path }) => method === "POST" && path.endsWith("/documents")).map(({ body }) => body as Posted);

const against = async (answer: (seen: Seen) => ReturnType<typeof problem> | { body: unknown } | undefined) => {
  const server = await scriptedServer({
    http: (seen) => {
      if (seen.path === "/api/v1/auth/me") return { body: profile };
      if (seen.path === `/my/projects/proj_${ULID}/agents`) return { body: { items: [agent], next_cursor: null } };
      return answer(seen) ?? problem(404, "not_found");
    },
  });
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: "rtk_test", RETINUE_HOME: await makeHome() };
  return { server, run: (...words: string[]) => runCli(["context", ...words], env) };
};

const folder = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "retinue-docs-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, ".."), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
};

describe("retinue context", () => {
  it("shows an agent's figures, by its name", async () => {
    const { run, server } = await against(({ path }) =>
      path === `/my/agents/${AGENT}/context` ? { body: stats } : undefined,
    );
    const { code, out } = await run("@architect");
    expect(code).toBe(0);
    expect(out).toContain("userA_B_Architect_context (embedded, 4 KiB)");
    expect(out).toContain("4 vectors by offline-embedding (384); 1 wait for theirs");
    expect(server.seen.at(-1)?.path).toBe(`/my/agents/${AGENT}/context`);
  });

  it("adds the readable files of a folder, a file by name and those of a pattern, each once", async () => {
    const root = await folder({
      "a.md": "# A",
      "deep/b.txt": "b",
      "deep/c.ts": "not a document",
      "node_modules/d.md": "generated",
      ".hidden/e.md": "hidden",
      "notes.log": "named, so taken",
    });
    const { run, server } = await against(({ body }) => ({ body: document((body as Posted).title) }));
    const { code, out } = await run(
      "add",
      AGENT,
      root,
      join(root, "a.md"),
      join(root, "deep/*.txt"),
      join(root, "notes.log"),
      "--tag",
      "x, y",
    );
    expect(code).toBe(0);
    const posted = postedIn(server.seen);
    expect(posted.map(({ title }) => title.slice(root.length + 1))).toEqual(["a.md", "deep/b.txt", "notes.log"]);
    expect(posted[0]).toMatchObject({ content_base64: btoa("# A"), tags: ["x", "y"], replace: true });
    expect(out.trim().split("\n")).toHaveLength(3);
    expect(out).toContain("(2 pieces)");
  });

  it("goes on after a file that cannot be read, and says so with its exit code", async () => {
    const root = await folder({ "a.md": "# A", "b.pdf": "no pdf", "c.md": "# C" });
    const { run, server } = await against(({ body }) =>
      (body as Posted).title.endsWith(".pdf")
        ? problem(422, "document_unreadable")
        : { body: document((body as Posted).title, { created: false }) },
    );
    const { code, out, err } = await run("add", AGENT, root);
    expect(code).toBe(1);
    expect(postedIn(server.seen)).toHaveLength(3);
    expect(out.match(/there already/g)).toHaveLength(2);
    expect(err).toMatch(/failed {2}.*b\.pdf/);
  });

  it("goes on after what is not there or is empty, and says which it was", async () => {
    const root = await folder({ "a.md": "# A", "empty.md": "" });
    const { run, server } = await against(({ body }) => ({ body: document((body as Posted).title) }));
    const { code, err } = await run("add", AGENT, join(root, "no.md"), root);
    expect(code).toBe(1);
    expect(postedIn(server.seen)).toHaveLength(1);
    expect(err).toMatch(/failed {2}.*no\.md: there is no such file or folder/);
    expect(err).toMatch(/failed {2}.*empty\.md: it is empty/);
  });

  it("stops at once at what concerns every file", async () => {
    const root = await folder({ "a.md": "# A", "b.md": "# B" });
    const { run, server } = await against(() => problem(402, "budget_exhausted"));
    const { code, err } = await run("add", AGENT, root);
    expect(code).toBe(1);
    expect(err).toContain("budget_exhausted");
    expect(postedIn(server.seen)).toHaveLength(1);
  });

  it("removes a document by its title, and says what went with it", async () => {
    const { run, server } = await against(({ method }) =>
      method === "GET"
        ? { body: { items: [document("a.md")], next_cursor: null } }
        : { body: { removed: 2, also_removed: 1 } },
    );
    const { code, out } = await run("remove", AGENT, "a.md");
    expect(code).toBe(0);
    expect(out).toContain("Removed 2 items, and 1 answers that rested on them.");
    expect(server.seen.at(-1)).toMatchObject({
      method: "DELETE",
      path: `/my/agents/${AGENT}/context/documents/${DOCUMENT}`,
    });
  });

  it("moves page after page until the server says it is done, and says what waits", async () => {
    const page = { moved: 100, pending: 0, skipped: 0, next_cursor: null, done: false };
    const pages = [
      { ...page, remaining: 130 },
      { ...page, remaining: 30 },
      { ...page, moved: 30, pending: 4, remaining: 0, done: true },
    ];
    const { run, server } = await against(({ path }) => (path.endsWith("/move") ? { body: pages.shift() } : undefined));
    const { code, out, err } = await run("move", "@architect", "--to", "qdrant", "--from-placement", "dedicated");
    expect(code).toBe(0);
    expect(out).toContain("Moved 230 items to qdrant; 4 wait for their vectors.");
    expect(err).toContain("200 moved, 30 left");
    const asked = server.seen.filter(({ path }) => path === `/my/agents/${AGENT}/context/move`);
    expect(asked.map(({ body }) => body)).toEqual(
      Array.from({ length: 3 }, () => ({ to: "qdrant", from_placement: "dedicated" })),
    );
  });

  it("reads a collection from where the last page ended", async () => {
    const page = { moved: 99, pending: 0, skipped: 1, remaining: null };
    const pages = [
      { ...page, next_cursor: "00000000-0000-4000-8000-000000000100", done: false },
      { ...page, next_cursor: null, done: true },
    ];
    const { run, server } = await against(({ path }) => (path.endsWith("/move") ? { body: pages.shift() } : undefined));
    const { code, out } = await run("move", AGENT, "--to", "qdrant", "--from-collection", "userE6R7Y8V9_context");
    expect(code).toBe(0);
    expect(out).toContain("Moved 198 items to qdrant; 2 held no words.");
    expect(server.seen.at(-1)?.body).toEqual({
      to: "qdrant",
      from_collection: "userE6R7Y8V9_context",
      cursor: "00000000-0000-4000-8000-000000000100",
    });
  });

  it.each([
    [["clear", AGENT], /--yes/],
    [["move", AGENT, "--to", "elsewhere"], /--to must be/],
    [["move", AGENT, "--to", "qdrant", "--from-placement", "here"], /dedicated or shared/],
    [["move", AGENT, "--to", "qdrant", "--from-placement", "shared", "--from-collection", "c"], /not both/],
    [["prune", AGENT], /at least one rule/],
    [["prune", AGENT, "--type", "thing"], /interaction or document/],
    [["prune", AGENT, "--days", "0"], /leave nothing .* --yes/],
    [["prune", AGENT, "--keep", "0"], /leave nothing .* --yes/],
    [["add", AGENT], /FILES|at least one file/],
    [["search", AGENT, "q", "--top", "0"], /--top/],
  ])("%j is not understood, and nothing is asked", async (words, reason) => {
    const { run, server } = await against(() => undefined);
    const { code, err } = await run(...words);
    expect(code).toBe(2);
    expect(err).toMatch(reason);
    expect(server.seen.filter(({ path }) => path.includes("/context"))).toEqual([]);
  });
});
