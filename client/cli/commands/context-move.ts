// retinue context move: takes an agent's context to another store of the server, page by page, until nothing is left.
import type { MoveContextBody, MovedContext } from "#schema/api/context.ts";
import { ApiError } from "../../sdk/api-error.ts";
import { pause } from "../../sdk/backoff.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { findAgent } from "../find-agent.ts";
import { COMMON, PROJECT, standOn } from "../ground.ts";

const wishOf = (args: {
  readonly to: string;
  readonly "from-placement"?: string | undefined;
  readonly "from-collection"?: string | undefined;
}): MoveContextBody => {
  const { to, "from-placement": placement, "from-collection": collection } = args;
  if (to !== "qdrant" && to !== "embedded") throw misuse("--to must be qdrant or embedded");
  if (placement !== undefined && placement !== "dedicated" && placement !== "shared")
    throw misuse("--from-placement must be dedicated or shared");
  if (placement !== undefined && collection !== undefined)
    throw misuse("Give --from-placement or --from-collection, not both");
  return {
    to,
    ...(placement === undefined ? {} : { from_placement: placement }),
    ...(collection === undefined ? {} : { from_collection: collection }),
  };
};

/** Asks for a page; where the server asks to wait, it is waited for. */
const patiently = async (ask: () => Promise<MovedContext>): Promise<MovedContext> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429 || error.retryAfterMs === null) throw error;
      await pause(error.retryAfterMs + 100);
    }
  }
};

export const moveCommand = command({
  meta: {
    name: "move",
    description: "Move an agent's context to another store of the server; run it again if it was broken off",
  },
  args: {
    agent: { type: "positional", required: true, description: "Agent's name, id or handle" },
    to: { type: "string", required: true, valueHint: "qdrant|embedded", description: "Where it goes" },
    "from-placement": { type: "string", valueHint: "dedicated|shared", description: "Where in Qdrant it is" },
    "from-collection": {
      type: "string",
      valueHint: "NAME",
      description: "Read a collection another program kept for you, such as userKEY_context",
    },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const wish = wishOf(args);
    const ground = standOn(args);
    const api = await ground.api();
    const context = api.context(await findAgent(ground, api, args.agent, args));
    let [moved, pending, skipped] = [0, 0, 0];
    for (let cursor: string | null = null; ; ) {
      const page: MovedContext = await patiently(() =>
        context.move({ ...wish, ...(cursor === null ? {} : { cursor }) }),
      );
      moved += page.moved;
      pending += page.pending;
      skipped += page.skipped;
      cursor = page.next_cursor;
      if (page.done) break;
      ground.print.aside(page.remaining === null ? `${moved} moved` : `${moved} moved, ${page.remaining} left`);
    }
    const waiting = pending === 0 ? "" : `; ${pending} wait for their vectors`;
    const without = skipped === 0 ? "" : `; ${skipped} held no words`;
    ground.print.line(`Moved ${moved} ${moved === 1 ? "item" : "items"} to ${wish.to}${waiting}${without}.`);
    ground.print.document({ moved, pending, skipped, to: wish.to });
  },
});
