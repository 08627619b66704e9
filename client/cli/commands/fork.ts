// retinue fork: continues a session from an earlier point, in a new one.
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, standOn } from "../ground.ts";

export const forkCommand = command({
  meta: { name: "fork", description: "Continue a session from an earlier point, in a new one" },
  args: {
    session: { type: "positional", required: true, description: "The session's id (see: retinue sessions)" },
    seq: {
      type: "positional",
      required: true,
      description: "The last event the new session knows of: the first number of a line of retinue events",
    },
    title: { type: "string", description: "What to call it" },
    ...COMMON,
  },
  run: async ({ args }) => {
    if (!/^[1-9]\d{0,14}$/.test(args.seq)) throw misuse("seq must be a whole number from 1");
    const ground = standOn(args);
    const api = await ground.api();
    const room = await api.fork(args.session, Number(args.seq), args.title);
    ground.print.line(`${room.id} continues from event ${args.seq} with ${room.message_count} messages.`);
    ground.print.line(`Go on with: retinue chat --session ${room.id}`);
    ground.print.document(room);
  },
});
