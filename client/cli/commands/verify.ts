// retinue verify: recomputes the log's hash chain, and with --models everything made from it. Exit code 1 when it is broken.
import { command } from "../arguments.ts";
import { Ended } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

export const verifyCommand = command({
  meta: { name: "verify", description: "Check that a project's log was not changed" },
  args: {
    models: { type: "boolean", description: "Also rebuild everything from the log and compare" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const found = await api.verify(await currentProject(ground, api, args), args.models === true);
    ground.print.document(found);
    if (found.valid) {
      const anchored = found.anchor === null ? "no head is anchored outside yet" : `anchored up to ${found.anchor.seq}`;
      ground.print.line(`The log is whole: ${found.checked} events, ${anchored}.`);
      const models = found.read_models;
      if (models === undefined) return;
      const { first_difference: different } = models;
      if (different === null) {
        ground.print.line(`Replaying it makes all ${models.tables} tables as they are stored.`);
        return;
      }
      const where = `${different.table} ${different.key}${different.column === null ? "" : `, ${different.column}`}`;
      ground.print.line(`WHAT IS STORED IS NOT WHAT THE LOG ADDS UP TO: ${where}.`);
      throw new Ended(1);
    }
    const where = found.first_bad_seq === null ? "" : ` at event ${found.first_bad_seq}`;
    ground.print.line(
      `THE LOG WAS CHANGED${where}: ${found.problem ?? "unknown problem"}${found.truncated ? "; its end is missing" : ""}.`,
    );
    throw new Ended(1);
  },
});
