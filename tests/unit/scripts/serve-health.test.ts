import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { fallsSilent, settingsProblem } from "../../../scripts/serve/health.ts";

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  return `http://127.0.0.1:${address.port}`;
}

const answering = (status: number, body: unknown) =>
  serving((_, response) => response.writeHead(status).end(JSON.stringify(body)));

it("repeats what a server says against its settings", async () => {
  const url = await answering(503, { detail: "MODELS: no JSON" });
  expect(await settingsProblem(url)).toBe("MODELS: no JSON");
});

it("has nothing to say of one that asks who is there", async () => {
  expect(await settingsProblem(await answering(401, { detail: "No token." }))).toBeNull();
});

it("leaves one that died at the question to its own end", async () => {
  const url = await serving((request) => void request.socket.destroy());
  expect(await settingsProblem(url)).toBeNull();
});

it("tells of a server that falls silent, whether it refuses or hangs, and of no other", async () => {
  let mood: "answers" | "refuses" | "hangs" = "answers";
  const url = await serving((request, response) => {
    if (mood === "answers") response.end("{}");
    else if (mood === "refuses") request.socket.destroy();
  });
  for (const silent of ["refuses", "hangs"] as const) {
    mood = "answers";
    const told = fallsSilent(url, { everyMs: 5, milliseconds: 100 }, new AbortController().signal);
    expect(await Promise.race([told, new Promise((resolve) => setTimeout(() => resolve("quiet"), 300))])).toBe("quiet");
    mood = silent;
    expect(await told).toBe(true);
  }
  mood = "answers";
  const over = new AbortController();
  const told = fallsSilent(url, { everyMs: 5, milliseconds: 100 }, over.signal);
  over.abort();
  expect(await told).toBe(false);
}, 30_000);
