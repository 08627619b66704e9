// retinue verify: recomputes the log's hash chain. Exit code 1 when it is broken.
import { command } from "../arguments.ts";
import { Ended } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

export const verifyCommand = command({
  meta: { name: "verify", description: "Check that a project's log was not changed" },
  args: { ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const found = await api.verify(await currentProject(ground, api, args));
    ground.print.document(found);
    if (found.valid) {
      const anchored = found.anchor === null ? "no head is anchored outside yet" : `anchored up to ${found.anchor.seq}`;
      ground.print.line(`The log is whole: ${found.checked} events, ${anchored}.`);
      return;
    }
    const where = found.first_bad_seq === null ? "" : ` at event ${found.first_bad_seq}`;
    ground.print.line(
      `THE LOG WAS CHANGED${where}: ${found.problem ?? "unknown problem"}${found.truncated ? "; its end is missing" : ""}.`,
    );
    throw new Ended(1);
  },
});
