// retinue sessions: list, rename, delete. What is said in one goes on with `retinue chat --session`.
import { defineCommand } from "citty";
import { changeSession, deleteSession } from "../../sdk/sessions.ts";
import { minuteText } from "../amounts.ts";
import { command } from "../arguments.ts";
import { askToDelete, YES } from "../ask-to-delete.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";
import { ALL, newestOf, OLDER } from "../newest.ts";

const NAMED = { session: { type: "positional", required: true, description: "The session's id" } } as const;

const list = command({
  meta: { name: "list", description: "List a project's chat sessions, the newest first" },
  args: { ...ALL, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const projectId = await currentProject(ground, api, args);
    const { items, more } = await newestOf(args.all, (page) => api.sessions(projectId, page));
    ground.print.table(
      ["ID", "LAST", "MESSAGES", "ZONE", "TITLE"],
      items.map((one) => [one.id, minuteText(one.updated_at), String(one.message_count), one.zone, one.title]),
      'There are no sessions yet. Begin one with: retinue chat "…"',
    );
    if (more) ground.print.line(OLDER);
    ground.print.document({ items });
  },
});

const rename = command({
  meta: { name: "rename", description: "Give a session another title" },
  args: { ...NAMED, title: { type: "positional", required: true, description: "What to call it" }, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const session = await changeSession((await ground.api()).http, args.session, { title: args.title });
    ground.print.line(`${session.id} is now called ${session.title}.`);
    ground.print.document(session);
  },
});

const remove = command({
  meta: {
    name: "delete",
    description: "Delete a session, and what agents keep of it; what happened in it stays in the log",
  },
  args: { ...NAMED, ...YES, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const { id, title } = await api.session(args.session);
    await askToDelete(args.yes, "a session", `Delete ${title} (${id})?`);
    await deleteSession(api.http, id);
    ground.print.line(`Deleted ${title}.`);
    ground.print.document({ ok: true, id });
  },
});

export const sessionsCommand = defineCommand({
  meta: { name: "sessions", description: "List, rename and delete chat sessions" },
  default: "list",
  subCommands: { list, rename, delete: remove },
});
