// Upstash's REST protocol in front of a real Redis: bearer tokens, single commands (JSON body or path), /pipeline,
// /multi-exec, base64 replies and error statuses. Scripts marked `allow-key-locking`, a flag only Upstash knows, are run
// without the mark and found under the hash of the original.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { onLoopback, textOf } from "./on-loopback.ts";
import { type Reply, RespConnection, RespError } from "./resp.ts";

type Command = (string | number)[];
type Answer = { result: Reply } | { error: string };

/** A running bridge. */
export interface UpstashBridge {
  readonly url: string;
  readonly token: string;
  /** Paths asked for so far. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const UPSTASH_MARK = /^#!lua flags=allow-key-locking/;

/** Opens a bridge on a free port. */
export const startUpstashBridge = async (socketPath: string, token: string): Promise<UpstashBridge> => {
  const redis = await RespConnection.open(socketPath);
  const scripts = new Map<string, string>();
  const asked: string[] = [];

  const plain = (command: Command): Command => {
    const [name, script, ...rest] = command.map(String);
    if (script === undefined) return command;
    switch (name?.toUpperCase()) {
      case "EVAL": {
        const stripped = script.replace(UPSTASH_MARK, "#!lua");
        scripts.set(createHash("sha1").update(script).digest("hex"), stripped);
        return ["EVAL", stripped, ...rest];
      }
      case "EVALSHA": {
        const known = scripts.get(script);
        return known === undefined ? command : ["EVAL", known, ...rest];
      }
      default:
        return command;
    }
  };
  const run = async (command: Command): Promise<Answer> => {
    const reply = await redis.send(plain(command));
    return reply instanceof RespError ? { error: reply.message } : { result: reply };
  };
  const runAll = async (commands: Command[]): Promise<Answer | Answer[]> => {
    const sent = [["MULTI"], ...commands.map(plain), ["EXEC"]].map((command) => redis.send(command));
    const outcome = (await Promise.all(sent)).at(-1) ?? null;
    if (outcome instanceof RespError) return { error: outcome.message };
    return Array.isArray(outcome)
      ? outcome.map((r) => (r instanceof RespError ? { error: r.message } : { result: r }))
      : [];
  };

  const answer = async (request: IncomingMessage, url: URL): Promise<{ status: number; body: Answer | Answer[] }> => {
    const given = request.headers.authorization?.replace(/^Bearer /, "") ?? url.searchParams.get("_token");
    if (given !== token) return { status: 401, body: { error: "WRONGPASS invalid or missing auth token" } };
    if (!["GET", "POST", "PUT", "HEAD"].includes(request.method ?? ""))
      return { status: 405, body: { error: "ERR method" } };
    const body = await textOf(request);
    if (url.pathname === "/pipeline") return { status: 200, body: await Promise.all(commandsIn(body).map(run)) };
    const outcome = await (url.pathname === "/multi-exec" ? runAll(commandsIn(body)) : run(single(url, body)));
    return { status: "error" in outcome ? 400 : 200, body: outcome };
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://bridge");
    asked.push(url.pathname);
    const base64 = request.headers["upstash-encoding"] === "base64";
    answer(request, url)
      .catch((error: unknown) => ({ status: 400, body: { error: `ERR ${String(error)}` } }))
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(base64 ? encoded(body) : body));
      });
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    token,
    asked,
    close: async () => {
      redis.close();
      await close();
    },
  };
};

const commandsIn = (body: string): Command[] => {
  const read: unknown = JSON.parse(body);
  if (!Array.isArray(read)) throw new Error("failed to parse pipeline request");
  return read.map(commandIn);
};

const commandIn = (read: unknown): Command => {
  if (!Array.isArray(read) || read.length === 0) throw new Error("failed to parse command");
  return read.map((part) => (typeof part === "number" ? part : typeof part === "string" ? part : JSON.stringify(part)));
};

const single = (url: URL, body: string): Command => {
  if (url.pathname === "/") return commandIn(JSON.parse(body));
  const path = url.pathname.slice(1).split("/").map(decodeURIComponent);
  const options = [...url.searchParams].filter(([name]) => name !== "_token").flat();
  return [...path, ...(body === "" ? [] : [body]), ...options.filter((part) => part !== "")];
};

// Upstash encodes every string but exactly "OK"; errors stay plain.
const encoded = (body: Answer | Answer[]): Answer | Answer[] => {
  if (Array.isArray(body))
    return body.map((answer) => ("error" in answer ? answer : { result: inBase64(answer.result) }));
  return "error" in body ? body : { result: inBase64(body.result) };
};

const inBase64 = (reply: Reply): Reply => {
  if (Array.isArray(reply)) return reply.map(inBase64);
  return typeof reply === "string" && reply !== "OK" ? Buffer.from(reply).toString("base64") : reply;
};
