// retinue cancel: ends a run.
import { command } from "../arguments.ts";
import { COMMON, PROJECT, projectOfThing, standOn } from "../ground.ts";

export const cancelCommand = command({
  meta: { name: "cancel", description: "End a run" },
  args: {
    run: { type: "positional", required: true, description: "The run's id (see: retinue runs)" },
    reason: { type: "string", description: "Kept with the run" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const run = await api.cancel(await projectOfThing(ground, api, args.run, args), args.run, args.reason);
    ground.print.line(`${run.id} is ${run.status}.`);
    ground.print.document(run);
  },
});
