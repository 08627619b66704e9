// retinue engine: claims the project's waiting runs and executes them with a command of this machine.
import { hostname } from "node:os";
import { Engine, type EngineNotice } from "../../engine/engine.ts";
import { shellCommand } from "../../engine/shell-command.ts";
import { EngineCalls } from "../../sdk/engine-calls.ts";
import { projectStream, type Retinue } from "../../sdk/retinue.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";
import { untilInterrupted } from "../interrupt.ts";

const sentence = (notice: EngineNotice): string => {
  switch (notice.kind) {
    case "claimed":
      return `claimed   ${notice.run}  ${notice.title}`;
    case "completed":
    case "released":
      return `${notice.kind.padEnd(9)} ${notice.run}`;
    case "failed":
    case "lost":
      return `${notice.kind.padEnd(9)} ${notice.run}  ${notice.reason}`;
    case "away":
      return `waiting   ${notice.reason}`;
  }
};

const WAKING: ReadonlySet<string> = new Set([
  "run_requested",
  "run_lease_released",
  "run_lease_expired",
  "run_attempt_failed",
]);

async function* waking(api: Retinue, projectId: string, signal: AbortSignal): AsyncGenerator<void> {
  for await (const frame of api.live(projectStream(projectId), { signal })) if (WAKING.has(frame.event)) yield;
}

export const engineCommand = command({
  meta: { name: "engine", description: "Claim the project's waiting runs and execute them with a command" },
  args: {
    command: {
      type: "string",
      required: true,
      description: "Shell command; gets the run's input as JSON on stdin, its stdout is the output",
      valueHint: "command",
    },
    name: { type: "string", description: "What this engine is called (default: the machine's name)" },
    ttl: { type: "string", description: "Seconds a lease lasts without a heartbeat, 5 to 600 (default: 60)" },
    once: { type: "boolean", description: "Stop when nothing waits" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ttl = args.ttl ?? "60";
    if (!/^\d{1,3}$/.test(ttl) || Number(ttl) < 5 || Number(ttl) > 600) throw misuse("--ttl must be 5 to 600 seconds");
    const name = (args.name || hostname().replaceAll(/[^\w.-]/g, "-") || "engine").slice(0, 80);
    if (!/^[\w.-]+$/.test(name)) throw misuse("--name may have letters, digits, _, . and -");
    const ground = standOn(args);
    const { print } = ground;
    const api = await ground.api();
    const projectId = await currentProject(ground, api, args);
    print.line(`Engine ${name} works for project ${projectId}. Ctrl-C gives back what it holds and ends it.`);
    await untilInterrupted((signal) =>
      new Engine({
        calls: new EngineCalls(api.http),
        projectId,
        name,
        ttlSeconds: Number(ttl),
        handler: shellCommand(args.command),
        once: args.once === true,
        wake: args.once === true ? undefined : waking(api, projectId, signal),
        notice: (notice) => {
          print.line(`${new Date().toTimeString().slice(0, 8)}  ${sentence(notice)}`);
          print.record({ at: new Date().toISOString(), ...notice });
        },
      }).run(signal),
    );
  },
});
