// A real second process swaps a directory for a link that leads out, in a loop, while files in it are read and written.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { listDirectory } from "#client/device/list-directory.ts";
import { openFolder } from "#client/device/open-folder.ts";
import { readFile as readTool } from "#client/device/read-file.ts";
import { writeFile as writeTool } from "#client/device/write-file.ts";
import { makeFolder, SECRET } from "./make-folder.ts";

const LEAST = 400;
const MOST = 50_000;

describe.each(process.platform === "linux" ? (["linux", "portable"] as const) : (["portable"] as const))(
  "a directory swapped in between (%s)",
  (way) => {
    const race = async () => {
      const { proj, outside } = await makeFolder();
      await writeFile(join(proj, "src", "secret.txt"), "inside");
      const folder = await openFolder(proj, { way });
      onTestFinished(() => folder.close());
      const swapper = fork(new URL("./swap-loop.mjs", import.meta.url), [join(proj, "src"), outside], { execArgv: [] });
      await once(swapper, "message");
      const stop = async () => {
        if (swapper.exitCode !== null || swapper.signalCode !== null) return;
        const gone = once(swapper, "exit");
        swapper.kill("SIGKILL");
        await gone;
      };
      onTestFinished(stop);
      // A swapper that died of itself would make this no race at all.
      const alive = () => swapper.exitCode === null && swapper.signalCode === null;
      return { folder, outside, stop, alive };
    };
    /** Goes on until the race was really run: often, and met in both states. */
    const untilBothSeen = async (attempt: (i: number) => Promise<string>) => {
      const seen = new Map<string, number>();
      for (let i = 0; i < MOST; i++) {
        const status = await attempt(i);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        if (i >= LEAST && (seen.get("succeeded") ?? 0) > 0 && (seen.get("failed") ?? 0) > 0) break;
      }
      expect([...seen.keys()].sort()).toEqual(["failed", "succeeded"]);
    };

    it("never reads what lies outside", { timeout: 60_000 }, async () => {
      const { folder, alive } = await race();
      await untilBothSeen(async () => {
        const read = await readTool(folder, "src/secret.txt");
        if (read.status === "succeeded") expect(read.content).toBe("inside");
        // By name alone a listing can be mixed up with the other directory's; by handles it cannot.
        const listed = await listDirectory(folder, "src");
        if (way === "linux" && listed.status === "succeeded") expect(listed.content).toContain("main.ts");
        return read.status;
      });
      expect(alive()).toBe(true);
    });

    it("never writes outside", { timeout: 60_000 }, async () => {
      const { folder, outside, stop, alive } = await race();
      await untilBothSeen(async (i) => {
        const outcome = await writeTool(folder, {
          callId: `tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A${i % 10}`,
          path: `src/new-${i % 3}.txt`,
          content: "leaked",
          staged: async () => {},
        });
        return outcome.status;
      });
      await writeTool(folder, {
        callId: "tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2AZ",
        path: "src/deep/er/x.txt",
        content: "leaked",
        staged: async () => {},
      });
      expect(alive()).toBe(true);
      await stop();
      expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe(SECRET);
      const strangers = (await readdir(outside)).filter((name) => name !== "secret.txt");
      if (way === "linux") expect(strangers).toEqual([]);
      // By name alone an empty temporary file can be made there; never one with content, never one under the target's name.
      for (const name of strangers) {
        expect(name).toMatch(/^\.retinue-/);
        expect((await stat(join(outside, name))).size).toBe(0);
      }
    });
  },
);
