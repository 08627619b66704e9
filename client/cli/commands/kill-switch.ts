// retinue kill-switch: shows whether writing outside is stopped, stops it, or lets it go on.
import * as policy from "../../sdk/policy.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

export const killSwitchCommand = command({
  meta: { name: "kill-switch", description: "Stop every write outside the project, or let it go on" },
  args: {
    set: {
      type: "positional",
      required: false,
      description: "on: stop; off: go on; neither: show",
      valueHint: "on|off",
    },
    reason: { type: "string", description: "Kept with the switch" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const { set } = args;
    if (set !== undefined && set !== "on" && set !== "off") throw misuse("kill-switch takes on or off");
    const ground = standOn(args);
    const api = await ground.api();
    const project = await currentProject(ground, api, args);
    const state =
      set === undefined
        ? await policy.killSwitch(api.http, project)
        : await policy.setKillSwitch(api.http, project, set === "on", args.reason);
    ground.print.document(state);
    const why = state.reason === null ? "" : ` (${state.reason})`;
    if (!state.external_write) ground.print.line("Off: writes go on as policy says.");
    else
      ground.print.line(
        state.forced
          ? "ON, forced by the server: nothing is written outside."
          : `ON${why}: nothing is written outside.`,
      );
  },
});
