import { type ChildProcess, spawn } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { endOf } from "../../../scripts/serve/end-of.ts";

function shell(script: string): ChildProcess {
  const child = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  onTestFinished(() => {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
  });
  return child;
}

it("tells the signal of one that was killed, though its child keeps its output open", async () => {
  const child = shell("sleep 300 & kill -9 $$");
  expect(await endOf(child)).toBe("SIGKILL");
});

it("tells the exit code after the last words", async () => {
  const child = shell("echo the last words; exit 3");
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  expect(await endOf(child)).toBe("exit code 3");
  expect(said).toBe("the last words\n");
});

it("tells why one never began", async () => {
  expect(await endOf(spawn("/no/such/program"))).toContain("ENOENT");
});
