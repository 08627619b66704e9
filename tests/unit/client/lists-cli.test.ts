// `retinue runs` and `retinue sessions` as people and scripts use them, in real processes, against a scripted server.
import { describe, expect, it } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { problem, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const PROJECT = `proj_${ULID}`;
const AT = "2026-11-21T08:00:00.000Z";
const profile = { id: `usr_${ULID}`, email: "ada@example.com", tier: "free", default_project_id: PROJECT };

/** An id with this number in it. */
const numbered = (kind: string, at: number): string => `${kind}_${ULID.slice(0, -3)}${String(at).padStart(3, "0")}`;
const session = (at: number) => ({
  id: numbered("room", at),
  project_id: PROJECT,
  title: `Talk ${at}`,
  zone: "supervised",
  created_at: AT,
  updated_at: AT,
  message_count: 2 * at,
});
const run = (at: number, more: Record<string, unknown> = {}) => ({
  id: numbered("run", at),
  project_id: PROJECT,
  session_id: numbered("room", at),
  mode: "direct",
  status: "completed",
  agent: { id: `agt_${ULID}`, name: "Architect", version: 1 },
  input_message_id: null,
  output_message_id: null,
  error: null,
  usage: { model_calls: 1, input_tokens: 10, output_tokens: 5, cost_usd: 0.0123 },
  created_at: AT,
  ended_at: AT,
  duration_ms: 1_234,
  title: null,
  input: null,
  output: null,
  engine: null,
  claims: 0,
  ...more,
});

/** A list in pages of the size asked for, as the server gives it. */
const paged = <T>(all: readonly T[], { query }: Seen) => {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit"));
  return { items: all.slice(from, to), next_cursor: to < all.length ? String(to) : null };
};

const against = async (runs: readonly unknown[], sessions: readonly { readonly id: string }[]) => {
  const server = await scriptedServer({
    http: (seen) => {
      const one = sessions.find(({ id }) => seen.path === `/my/chat/${id}`);
      if (seen.path === "/api/v1/auth/me") return { body: profile };
      if (seen.path === "/v1/runs") return { body: paged(runs, seen) };
      if (seen.path === "/my/chat") return { body: paged(sessions, seen) };
      if (one === undefined) return problem(404, "not_found");
      return { body: seen.method === "DELETE" ? { ok: true } : { ...one, ...Object(seen.body) } };
    },
  });
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: "rtk_test", RETINUE_HOME: await makeHome() };
  return { server, cli: (...words: string[]) => runCli(words, env) };
};

describe("retinue runs", () => {
  it("says of each what it was, who did it, what it took and in which session", async () => {
    const runs = [
      run(3, { mode: "orchestrated" }),
      run(2, { mode: "external", agent: null, engine: "nightly", title: "Rebuild the index" }),
      run(1, { status: "running", duration_ms: null, session_id: numbered("room", 9) }),
    ];
    const { cli } = await against(runs, [session(3)]);
    const { code, out } = await cli("runs");
    expect(code).toBe(0);
    expect(out.trim().split("\n").slice(1)).toEqual([
      `${numbered("run", 3)}  2026-11-21T08:00Z  completed  the team   1.2 s  $0.0123  Talk 3`,
      `${numbered("run", 2)}  2026-11-21T08:00Z  completed  nightly    1.2 s  $0.0123  Rebuild the index`,
      // Its session was deleted.
      `${numbered("run", 1)}  2026-11-21T08:00Z  running    Architect  -      $0.0123  ${numbered("room", 9)}`,
    ]);
  });

  it("asks the server for a status and a kind, and knows which there are", async () => {
    const { cli, server } = await against([], []);
    expect((await cli("runs", "--status", "failed", "--mode", "direct")).out).toBe("There are no such runs.\n");
    const asked = server.seen.find(({ path }) => path === "/v1/runs");
    expect(Object.fromEntries(asked?.query ?? [])).toMatchObject({ status: "failed", mode: "direct" });
    const { code, err } = await cli("runs", "--status", "done");
    expect(code).toBe(2);
    expect(err).toContain("--status must be one of queued, running, waiting, completed, failed, cancelled");
  });

  it("shows the newest twenty and says that there are more; all of them with --all", async () => {
    const runs = Array.from({ length: 120 }, (_, at) => run(at));
    const { cli } = await against(runs, []);
    const some = await cli("runs");
    expect(some.out.split("\n").filter((line) => line.startsWith("run_"))).toHaveLength(20);
    expect(some.out).toContain("There are older ones: --all shows them too.");
    const all = await cli("runs", "--all", "--json");
    expect(JSON.parse(all.out).items).toEqual(runs);
  });
});

describe("retinue sessions", () => {
  it("lists them with their titles", async () => {
    const { cli } = await against([], [session(2), session(1)]);
    expect((await cli("sessions")).out.split("\n").slice(1, 3)).toEqual([
      `${numbered("room", 2)}  2026-11-21T08:00Z  4         supervised  Talk 2`,
      `${numbered("room", 1)}  2026-11-21T08:00Z  2         supervised  Talk 1`,
    ]);
    expect((await (await against([], [])).cli("sessions")).out).toContain('retinue chat "…"');
  });

  it("renames one, and deletes one only when told so", async () => {
    const { cli, server } = await against([], [session(1)]);
    const id = numbered("room", 1);
    expect((await cli("sessions", "rename", id, "The moon")).out).toBe(`${id} is now called The moon.\n`);
    expect(server.seen.at(-1)).toMatchObject({ method: "PATCH", body: { title: "The moon" } });
    expect(await cli("sessions", "delete", id)).toMatchObject({ code: 2 });
    expect(server.seen.some(({ method }) => method === "DELETE")).toBe(false);
    expect((await cli("sessions", "delete", id, "--yes")).out).toBe("Deleted Talk 1.\n");
    expect(server.seen.at(-1)).toMatchObject({ method: "DELETE", path: `/my/chat/${id}` });
    expect((await cli("sessions", "delete", numbered("room", 7), "--yes")).err).toContain("not_found");
  });
});
