// The command as people and scripts use it, in real processes, against a scripted server.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { makeHome, runCli } from "./run-cli.ts";
import { type Answer, problem, type Script, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const PROJECT = `proj_${ULID}`;
const ROOM = `room_${ULID}`;
const RUN = `run_${ULID}`;
const AT = "2026-11-21T08:00:00.000Z";
const profile = { id: `usr_${ULID}`, email: "ada@example.com", tier: "free", default_project_id: PROJECT };
const tokens = (name: string) => ({
  access_token: `access-${name}`,
  refresh_token: `refresh-${name}`,
  expires_at: 1,
  token_type: "Bearer",
});
const session = {
  id: ROOM,
  project_id: PROJECT,
  title: "t",
  created_at: AT,
  updated_at: AT,
  message_count: 0,
  zone: "supervised",
};
const run = {
  id: RUN,
  project_id: PROJECT,
  session_id: ROOM,
  mode: "direct",
  status: "queued",
  agent: { id: `agt_${ULID}`, name: "CodeAssistant", version: 1 },
  input_message_id: `msg_${ULID}`,
  output_message_id: null,
  error: null,
  usage: { model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 },
  created_at: AT,
  ended_at: null,
  duration_ms: null,
  title: null,
  input: null,
  output: null,
  engine: null,
  claims: 0,
};
const message = {
  id: `msg_${ULID}`,
  session_id: ROOM,
  seq: 11,
  role: "user",
  content: "hi",
  agent: null,
  target_agent: null,
  run_id: null,
  thread_id: `th_${ULID}`,
  created_at: AT,
};
const approval = {
  id: `appr_${ULID}`,
  project_id: PROJECT,
  session_id: ROOM,
  run_id: RUN,
  kind: "tool",
  status: "pending",
  tool: "write_file",
  tool_version: 1,
  arguments: { path: "NOTES.md", content: "line one\n\u001b[2Jline two" },
  arguments_hash: "a".repeat(64),
  agent: { id: `agt_${ULID}`, name: "CodeAssistant" },
  reason_codes: [],
  requested_at: AT,
  expires_at: AT,
  decided_at: null,
  decided_by: null,
  note: null,
  title: null,
  requested_by: null,
  held_at: null,
};
const whole = {
  valid: true,
  checked: 12,
  head: { seq: 12, hash: "h" },
  anchor: null,
  first_bad_seq: null,
  problem: null,
  truncated: false,
};

/** Answers of a well server; `more` comes first. */
const answers =
  (more: (seen: Seen) => Answer | undefined = () => undefined) =>
  (seen: Seen): Answer => {
    const special = more(seen);
    if (special !== undefined) return special;
    switch (`${seen.method} ${seen.path}`) {
      case "GET /api/v1/auth/me":
        return { body: profile };
      case "POST /my/chat":
        return { status: 201, body: session };
      case `GET /my/chat/${ROOM}`:
        return { body: session };
      case "GET /v1/events/head":
        return { body: { seq: 10, hash: "h", anchor: null } };
      case `POST /my/chat/${ROOM}/message`:
        return { status: 202, body: { mode: "direct", run, message } };
      case `GET /v1/runs/${RUN}`:
        return { body: { ...run, status: "completed" } };
      case "GET /v1/events/verify":
        return { body: whole };
      default:
        return problem(404, "not_found");
    }
  };

const start = async (script: Script) => {
  const server = await scriptedServer(script);
  const home = await makeHome();
  const env = { RETINUE_URL: server.url, RETINUE_HOME: home, RETINUE_TOKEN: "rtk_token" };
  return { ...server, home, env };
};

/** What every frame of these runs may have; the command takes what it knows. */
const everywhere = { run_id: RUN, step_id: "step", duration_ms: 5, cost_usd: 0 };

/** Frames sent once the message was posted. */
const speaking = (frames: readonly [number | null, string, Record<string, unknown>][]) => {
  let posted: () => void = () => {};
  const afterPost = new Promise<void>((resolve) => {
    posted = resolve;
  });
  return {
    http: answers((seen) => {
      if (seen.path === `/my/chat/${ROOM}/message`) setTimeout(posted, 5);
      return undefined;
    }),
    socket: async (socket: WebSocket) => {
      await afterPost;
      for (const [seq, event, data] of frames)
        socket.send(JSON.stringify({ seq, event, data: { ...everywhere, ...data } }));
    },
  };
};
const delta = (message_id: string, offset: number, text: string): [null, string, Record<string, unknown>] => [
  null,
  "message_delta",
  { message_id, attempt: 1, offset, text },
];
const posted = (seq: number, content: string): [number, string, Record<string, unknown>] => [
  seq,
  "message_posted",
  { message_id: "m2", role: "agent", content },
];

describe("signing in", () => {
  it("keeps the session in a file only its owner can read, by server, and forgets it on logout", async () => {
    const server = await start({
      http: answers(({ path }) =>
        path.endsWith("/register") || path.endsWith("/login")
          ? { status: 201, body: tokens("1") }
          : path.endsWith("/logout")
            ? { body: { ok: true } }
            : undefined,
      ),
    });
    const env = { RETINUE_URL: server.url, RETINUE_HOME: server.home, RETINUE_PASSWORD: "correct horse battery" };
    expect(await runCli(["register", "--email", "ada@example.com"], env)).toMatchObject({
      code: 0,
      out: expect.stringContaining("ada@example.com"),
    });
    expect(server.seen[0]?.body).toEqual({ email: "ada@example.com", password: "correct horse battery" });
    const file = join(server.home, "config.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, "utf8")).servers[server.url].tokens).toEqual(tokens("1"));
    expect(await readdir(server.home)).toEqual(["config.json"]);
    const elsewhere = await start({ http: answers() });
    expect(await runCli(["whoami"], { ...env, RETINUE_URL: elsewhere.url })).toMatchObject({
      code: 1,
      err: expect.stringContaining("Not signed in"),
    });
    expect(elsewhere.seen).toEqual([]);
    expect((await runCli(["logout"], env)).code).toBe(0);
    expect(await readFile(file, "utf8")).not.toContain("access-1");
  });

  it.each(["register", "login"])("%s takes the address as a plain word or as an option", async (name) => {
    const server = await start({
      http: answers(({ path }) => (path.endsWith(`/${name}`) ? { body: tokens("1") } : undefined)),
    });
    const env = { RETINUE_URL: server.url, RETINUE_HOME: server.home };
    const body = { email: "ada@example.com", password: "correct horse battery" };
    for (const words of [["ada@example.com"], ["--email", "ada@example.com"], ["--email=ada@example.com"]])
      expect(await runCli([name, ...words, "--password", body.password], env)).toMatchObject({ code: 0, err: "" });
    expect(await runCli([name, "ada@example.com"], { ...env, RETINUE_PASSWORD: body.password })).toMatchObject({
      code: 0,
      out: expect.stringContaining("ada@example.com"),
    });
    expect(server.seen.filter((one) => one.path === `/api/v1/auth/${name}`).map((one) => one.body)).toEqual(
      Array.from({ length: 4 }, () => body),
    );
  });

  it("rotates the tokens once when several processes find them expired", async () => {
    let rotations = 0;
    const server = await start({
      http: answers(({ path, headers, body }) => {
        if (path.endsWith("/refresh")) {
          const [spent] = [JSON.stringify(body).includes("refresh-old")];
          rotations++;
          return spent && rotations === 1 ? { body: tokens("new") } : problem(401, "refresh_reused");
        }
        return headers.authorization === "Bearer access-new" ? undefined : problem(401, "unauthenticated");
      }),
    });
    await writeFile(
      join(server.home, "config.json"),
      JSON.stringify({ version: 1, servers: { [server.url]: { email: "a", tokens: tokens("old") } } }),
    );
    const env = { RETINUE_URL: server.url, RETINUE_HOME: server.home };
    const ends = await Promise.all([...Array(6).keys()].map(() => runCli(["whoami", "--json"], env)));
    expect(ends.map((end) => [end.code, end.err])).toEqual(ends.map(() => [0, ""]));
    expect(rotations).toBe(1);
  }, 60_000);
});

describe("saying what went wrong", () => {
  it("is one line on stderr and exit code 1, or the problem document with --json", async () => {
    const { env } = await start({ http: () => problem(403, "isolation_violation", "not\nyours\u001b[2J") });
    const plain = await runCli(["verify"], env);
    expect(plain).toMatchObject({ code: 1, out: "" });
    expect(plain.err).toBe("retinue: Refused: not␊yours␛[2J [isolation_violation]\n");
    const json = await runCli(["verify", "--json"], env);
    expect(json).toMatchObject({ code: 1, out: "" });
    expect(JSON.parse(json.err)).toMatchObject({ code: "isolation_violation", status: 403, request_id: "req-1" });
  });

  it.each([
    [["bogus"], "Unknown command"],
    [["verify", "--bogus"], "Unknown option --bogus"],
    [["connect", ".", "--readonly"], "Unknown option --readonly"],
    [["connect"], "FOLDER"],
    [["verify", "extra"], "Too many arguments"],
    [["chat"], "Give a message"],
    [["chat", "a", "-m", "b"], "once"],
    [["chat", "-m"], "needs a value"],
    [["events", "--from-seq", "x"], "whole number"],
    [["approve", "appr_1", "--arguments", "[1]"], "JSON object"],
    [["register", "--email", "a@b.c"], "RETINUE_PASSWORD"],
    [["login", "a@b.c"], "RETINUE_PASSWORD"],
    [["login"], "e-mail address is needed"],
    [["register", "a@b.c", "--email", "a@b.c"], "once"],
    [["register", "a@b.c", "and more"], "Too many arguments"],
  ])("takes %j for a misuse: exit code 2", async (words, said) => {
    const home = await makeHome();
    const end = await runCli(words, { RETINUE_HOME: home, RETINUE_URL: "http://127.0.0.1:9", RETINUE_TOKEN: "t" });
    expect(end).toMatchObject({ code: 2, out: "" });
    expect(end.err).toContain(said);
    expect(end.err.trim().split("\n")).toHaveLength(1);
  });
});

describe("approvals at the command line", () => {
  it("shows the whole content, made harmless", async () => {
    const { env } = await start({ http: () => ({ body: { items: [approval], next_cursor: null } }) });
    const { out } = await runCli(["approvals"], env);
    expect(out).toContain("    │ line one\n    │ ␛[2Jline two");
    expect(out).not.toContain("\u001b");
  });

  it("binds a yes to what was shown, and a yes with other arguments to those", async () => {
    const { env, seen } = await start({
      http: ({ path, method }) =>
        method === "GET" || path.endsWith("/confirm")
          ? { body: { ...approval, status: "approved" } }
          : problem(404, "not_found"),
    });
    expect((await runCli(["approve", approval.id, "--note", "fine"], env)).code).toBe(0);
    expect((await runCli(["approve", approval.id, "--arguments", '{"path":"b","content":"c"}'], env)).code).toBe(0);
    expect(seen.filter((one) => one.method === "POST").map((one) => one.body)).toEqual([
      { arguments_hash: approval.arguments_hash, note: "fine" },
      { arguments: { path: "b", content: "c" } },
    ]);
  });
});

describe("verify", () => {
  it("ends with 0 when the log is whole and 1 when it was changed", async () => {
    const good = await start({ http: answers() });
    expect(await runCli(["verify"], good.env)).toMatchObject({ code: 0, out: expect.stringContaining("12 events") });
    const broken = { ...whole, valid: false, first_bad_seq: 7, problem: "data_hash_mismatch" };
    const bad = await start({
      http: answers(({ path }) => (path === "/v1/events/verify" ? { body: broken } : undefined)),
    });
    expect(await runCli(["verify"], bad.env)).toMatchObject({
      code: 1,
      out: expect.stringContaining("event 7"),
      err: "",
    });
    const json = await runCli(["verify", "--json"], bad.env);
    expect([json.code, JSON.parse(json.out)]).toEqual([1, broken]);
    expect(bad.seen.find((one) => one.path === "/v1/events/verify")?.headers["x-workspace-id"]).toBe(PROJECT);
  });
});

describe("chat for scripts", () => {
  const frames: [number | null, string, Record<string, unknown>][] = [
    [12, "direct_agent_call", {}],
    delta("m1", 0, "Let me look."),
    [13, "model_called", { text: "Let me look." }],
    [14, "tool_request", { tool_call_id: "tc", tool: "read_file", arguments: { path: "package.json" } }],
    [15, "toolcall_succeeded", { tool_call_id: "tc", bytes: 12, truncated: false }],
    delta("m2", 0, "It is "),
    delta("m2", 6, "\u001b[31mRetinue."),
    [16, "model_called", { text: null }],
    posted(17, "It is \u001b[31mRetinue."),
    [18, "run_completed", { output_message_id: "m2" }],
  ];

  it("streams the answer to stdout, everything else to stderr, and ends with 0", async () => {
    const { env, seen } = await start(speaking(frames));
    const end = await runCli(["chat", "@CodeAssistant", "what is this?"], env);
    expect(end).toMatchObject({ code: 0, out: "Let me look.\nIt is ␛[31mRetinue.\n" });
    expect(end.err).toBe('· read_file "package.json"\n  read_file "package.json": done\n');
    const said = seen.find((one) => one.path.endsWith("/message"));
    expect(said?.body).toEqual({ content: "@CodeAssistant what is this?" });
    expect(said?.headers["idempotency-key"]).toBeDefined();
    const listening = seen.findIndex((one) => one.method === "WS");
    expect(listening).toBeGreaterThan(-1);
    expect(listening).toBeLessThan(seen.findIndex((one) => one.path.endsWith("/message")));
    expect(seen[listening]?.query.get("from_seq")).toBe("10");
  });

  it("brings a passphrase and a model key from the environment along with the message, and shows neither", async () => {
    const { env, seen, home } = await start(speaking(frames));
    const own = {
      RETINUE_MEMORY_PASSPHRASE: "прогулка у моря",
      RETINUE_MODEL_API_KEY: "sk-canary-1",
      RETINUE_MODEL_PROVIDER: "anthropic",
    };
    const end = await runCli(["chat", "-m", "hi", "--json"], { ...env, ...own });
    expect(end.code).toBe(0);
    const carrying = seen.filter(({ headers }) => headers["x-memory-passphrase"] ?? headers["x-model-api-key"]);
    expect(carrying.map(({ path, headers, body }) => ({ path, headers, body }))).toEqual([
      {
        path: `/my/chat/${ROOM}/message`,
        body: { content: "hi" },
        headers: expect.objectContaining({
          "x-memory-passphrase": encodeURIComponent(own.RETINUE_MEMORY_PASSPHRASE),
          "x-model-api-key": own.RETINUE_MODEL_API_KEY,
          "x-model-provider": own.RETINUE_MODEL_PROVIDER,
        }),
      },
    ]);
    const kept = await readFile(join(home, "config.json"), "utf8");
    expect(end.out + end.err + kept).not.toMatch(/canary|прогулка|%D0/);
  });

  it.each([
    ["chat", "-m", "hi"],
    ["plan", "tidy up"],
  ])(
    "%s refuses a model key that cannot be one, and a passphrase as an option's value, showing neither",
    async (...words) => {
      const { env, seen } = await start(speaking(frames));
      const odd = await runCli(words, { ...env, RETINUE_MODEL_API_KEY: "sk-canary\nx" });
      const typed = await runCli([...words, "--memory-passphrase=canary-words"], env);
      const nobody = await runCli([...words, "--memory-passphrase"], env);
      expect([odd.code, typed.code, nobody.code]).toEqual([2, 2, 2]);
      expect(odd.err).toContain("The model key is not one word");
      expect(nobody.err).toContain("RETINUE_MEMORY_PASSPHRASE is needed");
      expect(JSON.stringify([odd, typed, nobody])).not.toContain("canary");
      expect(seen.filter(({ method }) => method === "POST")).toEqual([]);
    },
  );

  it("names a core memory that the answer cites by its key, which only its owner can ask for", async () => {
    const id = `mem_${ULID}`;
    const core = {
      ...{ id, user_id: profile.id, type: "core", key: "favourite tea", value: "oolong", locked: false },
      ...{ trust: "user", sealed: true, provenance: { source: "user" } },
      ...{ created_at: AT, updated_at: AT, last_used_at: null },
    };
    const citations = [{ n: 1, id, kind: "memory", title: "core", at: AT }];
    const said = { message_id: "m2", role: "agent", content: "Oolong [1].", citations };
    const { http, socket } = speaking([
      [17, "message_posted", said],
      [18, "run_completed", { output_message_id: "m2" }],
    ]);
    const opened = (seen: Seen): Answer =>
      seen.path === "/api/v1/memory/core" && seen.headers["x-memory-passphrase"] === "a%20walk%20by%20the%20sea"
        ? { body: { items: [core], next_cursor: null, locked: 0 } }
        : http(seen);
    const { env } = await start({ http: opened, socket });
    const end = await runCli(["chat", "-m", "hi"], { ...env, RETINUE_MEMORY_PASSPHRASE: "a walk by the sea" });
    expect(end).toMatchObject({ code: 0, out: "Oolong [1].\n" });
    expect(end.err).toContain("Sources\n  [1] your memory: favourite tea\n");
    expect((await runCli(["chat", "-m", "hi"], env)).err).toContain("  [1] your memory: core\n");
  });

  it("prints a frame a line and the run with --json", async () => {
    const { env } = await start(speaking(frames));
    const end = await runCli(["chat", "-m", "hi", "--json"], env);
    const lines = end.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(end).toMatchObject({ code: 0, err: expect.any(String) });
    expect(lines.slice(0, -1).map((line) => line.event)).toEqual(frames.map(([, event]) => event));
    expect(lines.at(-1)).toMatchObject({ run: { id: RUN, status: "completed" }, error: null });
  });

  it("ends with 1 and says why when the run fails", async () => {
    const { env } = await start(
      speaking([[12, "run_failed", { error: { code: "server_error", message: "no answer" } }]]),
    );
    expect(await runCli(["chat", "-m", "hi"], env)).toMatchObject({
      code: 1,
      out: "",
      err: "The run did not complete: no answer (server_error)\n",
    });
  });

  it("goes on in the last session, and in a new one when told to", async () => {
    const { env, seen } = await start(speaking([[12, "run_completed", { output_message_id: "m" }]]));
    await runCli(["chat", "-m", "one"], env);
    await runCli(["chat", "-m", "two"], env);
    expect(seen.filter((one) => one.method === "POST" && one.path === "/my/chat")).toHaveLength(1);
    await runCli(["chat", "-m", "three", "--new"], env);
    expect(seen.filter((one) => one.method === "POST" && one.path === "/my/chat")).toHaveLength(2);
  });

  const asks = {
    approval_id: approval.id,
    kind: "tool",
    tool_call_id: `tc_${ULID}`,
    reason_codes: [],
    agent_name: "CodeAssistant",
    tool: "write_file",
    arguments: approval.arguments,
    arguments_hash: approval.arguments_hash,
    expires_at: AT,
  };

  it("says how to approve, and waits, when nobody sits at the terminal", async () => {
    let line: WebSocket | null = null;
    const script = speaking([[12, "approval_required", asks]]);
    const { env } = await start({
      http: script.http,
      socket: async (socket) => {
        line = socket;
        await script.socket(socket);
      },
    });
    const end = await runCli(["chat", "-m", "write"], env, ({ err }) => {
      // Decided elsewhere only after the words were there: the command was still waiting.
      if (err.includes(`retinue reject ${approval.id}`))
        line?.send(
          JSON.stringify({ seq: 20, event: "run_completed", data: { ...everywhere, output_message_id: "m" } }),
        );
    });
    expect(end.code).toBe(0);
    expect(end.err).toContain(`retinue approve ${approval.id}`);
    expect(end.err).toContain("    │ ␛[2Jline two");
    expect(end.out).toBe("");
  });

  it("approves exactly what was asked with --yes", async () => {
    let line: WebSocket | null = null;
    const script = speaking([[12, "approval_required", asks]]);
    const { env, seen } = await start({
      http: (one) => {
        if (!one.path.endsWith("/confirm")) return script.http(one);
        line?.send(
          JSON.stringify({ seq: 20, event: "run_completed", data: { ...everywhere, output_message_id: "m" } }),
        );
        return { body: { ...approval, status: "approved" } };
      },
      socket: async (socket) => {
        line = socket;
        await script.socket(socket);
      },
    });
    expect(await runCli(["chat", "-m", "write", "--yes"], env)).toMatchObject({
      code: 0,
      err: expect.stringContaining('approved by --yes: write_file "NOTES.md"'),
    });
    expect(seen.find((one) => one.path.endsWith("/confirm"))?.body).toEqual({
      arguments_hash: approval.arguments_hash,
    });
  });
});

describe("events", () => {
  it("follows over breaks as lines of JSON until it is interrupted", async () => {
    const { env } = await start({
      http: answers(),
      socket: (socket, { query }) => {
        const seq = Number(query.get("from_seq")) + 1;
        socket.send(JSON.stringify({ seq, event: "run_started", data: { seq } }));
        socket.close();
      },
    });
    const end = await runCli(["events", "--follow", "--json"], env, ({ out }, interrupt) => {
      if (out.split("\n").length > 3) interrupt();
    });
    const seqs = end.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seq);
    expect(seqs.slice(0, 3)).toEqual([11, 12, 13]);
    expect(end).toMatchObject({ code: 0, err: "" });
  });
});
