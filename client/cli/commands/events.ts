// retinue events: the log of a project, as far as it is, or as it grows.
import type { StoredEvent } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { projectStream, type Retinue, sessionStream } from "../../sdk/retinue.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, projectOfThing, standOn } from "../ground.ts";
import { untilInterrupted } from "../interrupt.ts";

const RECENT = 50;
const SHORT = 160;

const shorten = (text: string): string => (text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);

const storedLine = (event: StoredEvent): string =>
  `${event.seq}  ${event.at}  ${event.type}  ${event.principal}  ${shorten(JSON.stringify(event.data))}`;

const liveLine = ({ seq, event, data }: LiveFrame): string => {
  // The log's own names, as without --follow.
  const { seq: _, event_id: __, at, type = event, room_id: ____, run_id: _____, principal, ...rest } = data;
  return [seq ?? "-", at ?? "", type, principal ?? "", shorten(JSON.stringify(rest))]
    .filter((part) => part !== "")
    .join("  ");
};

const stored = async (
  api: Retinue,
  projectId: string,
  from: number,
  roomId: string | undefined,
): Promise<StoredEvent[]> => {
  const items: StoredEvent[] = [];
  for (let next: number | null = from; next !== null; ) {
    const page = await api.events(projectId, { from_seq: next, limit: 100, room_id: roomId });
    items.push(...page.items);
    next = page.next_from_seq;
  }
  return items;
};

export const eventsCommand = command({
  meta: { name: "events", description: "Show a project's events; with --follow as they happen" },
  args: {
    follow: { type: "boolean", description: "Go on as events happen" },
    "from-seq": {
      type: "string",
      description: "Everything after this sequence number (default: the last 50, or from now on)",
      valueHint: "n",
    },
    room: { type: "string", description: "Only this session", valueHint: "session id" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const given = args["from-seq"];
    if (given !== undefined && !/^\d{1,15}$/.test(given)) throw misuse("--from-seq must be a whole number from 0");
    const ground = standOn(args);
    const api = await ground.api();
    const projectId =
      args.room === undefined
        ? await currentProject(ground, api, args)
        : await projectOfThing(ground, api, args.room, args);
    if (args.follow) {
      const fromSeq = given === undefined ? (await api.head(projectId)).seq : Number(given);
      await untilInterrupted(async (signal) => {
        for await (const frame of api.live(
          args.room === undefined ? projectStream(projectId) : sessionStream(args.room),
          { fromSeq, signal },
        )) {
          ground.print.line(liveLine(frame).replaceAll("\n", " "));
          ground.print.record(frame);
        }
      });
      return;
    }
    const recent =
      args.room === undefined ? async () => Math.max(0, (await api.head(projectId)).seq - RECENT) : async () => 0;
    const items = await stored(api, projectId, given === undefined ? await recent() : Number(given), args.room);
    for (const event of items) ground.print.line(storedLine(event));
    ground.print.document({ items });
  },
});
