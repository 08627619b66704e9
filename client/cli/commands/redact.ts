// retinue redact: takes the words out of one event, for good. The event stays, and the log still verifies.
import { command } from "../arguments.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

export const redactCommand = command({
  meta: { name: "redact", description: "Take what was said out of an event, for good" },
  args: {
    event: { type: "positional", required: true, description: "The event's id (see: retinue events --json)" },
    reason: { type: "string", required: true, description: "Why; kept for good beside the gap" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const event = await api.redact(await currentProject(ground, api, args), args.event, args.reason);
    ground.print.line(`Event ${event.seq} (${event.type}) no longer says anything. The log still verifies.`);
    ground.print.document(event);
  },
});
