// What the chapters of the tour share: a server of its own with temporary state, somebody registered there, their folder
// connected by the real device code, and an ear on the live stream from the very first event.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeviceRoom } from "#client/device/device-room.ts";
import { projectStream } from "#client/sdk/retinue.ts";
import { type Server, startServer } from "../server-process.ts";
import { Listener } from "./listener.ts";
import type { Narrator } from "./narrator.ts";
import { makeSampleFolder, type SampleFolder } from "./sample-folder.ts";
import { type Account, signUp } from "./sign-up.ts";

/** Everything a chapter works with. */
export interface Visit {
  readonly narrator: Narrator;
  readonly server: Server;
  readonly account: Account;
  readonly folder: SampleFolder;
  /** The session the chapters talk in. */
  readonly sessionId: string;
  /** Hears the whole project from its first event on. */
  readonly ear: Listener;
  /** Fires when the visit ends. */
  readonly over: AbortSignal;
}

/** Makes a visit, hands it over, and takes everything down again, whatever happened. */
export const duringVisit = async (
  narrator: Narrator,
  env: Readonly<Record<string, string>>,
  walk: (visit: Visit) => Promise<void>,
): Promise<void> => {
  const place = mkdtempSync(join(tmpdir(), "retinue-demo-"));
  const leave = () => rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  // Also when the process is told to end in the middle: by then the servers were killed (server-process.ts).
  process.once("exit", leave);
  const stop = new AbortController();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const folder = makeSampleFolder(place);
    narrator.heading("A server, a user, a folder");
    narrator.say("   Starting a server on a free port, with state that will be thrown away…");
    const server = await startServer({ stateDir: join(place, "state"), env });
    closing.push(() => server.stop());
    const account = await signUp(server.url, "keeper@example.com");
    const { api, userId, projectId } = account;
    narrator.proven(`${server.url} is up and ${account.email} is registered`);

    const ear = new Listener(api.live(projectStream(projectId), { fromSeq: 0, signal: stop.signal }), (frame) =>
      narrator.frame(frame),
    );
    closing.push(() => ear.done);
    const device = await DeviceRoom.open({
      http: api.http,
      owner: { userId, projectId },
      folder: folder.path,
      home: join(place, "home"),
      name: "demo",
      readOnly: false,
    });
    closing.push(() => device.close());
    const serving = device.run(stop.signal);
    serving.catch(() => {});
    closing.push(() => serving.catch(() => {}));
    await Promise.race([ear.until("the device", ({ event }) => event === "device_connected"), serving]);
    narrator.proven(`the folder ${folder.path} is connected`);
    const session = await api.createSession(projectId, "The tour");
    await walk({ narrator, server, account, folder, sessionId: session.id, ear, over: stop.signal });
  } finally {
    stop.abort();
    for (const close of closing.reverse()) await close().catch(() => {});
    leave();
    process.off("exit", leave);
  }
};
