// The project's chats, newest first, each with what can be done with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { changeSession, deleteSession } from "#client/sdk/sessions.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ChatSession } from "#schema/api/chat.ts";
import { api } from "../app/api.ts";
import { sessionsQuery } from "../data/queries.ts";
import { TextField } from "../ui/field.tsx";
import { Confirm, FormDialog } from "../ui/form-dialog.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { SkeletonLines } from "../ui/skeleton.tsx";

type Doing = { readonly what: "rename" | "delete"; readonly session: ChatSession } | null;

/** The list, and its dialogs. */
export const SessionLinks = ({ projectId }: { readonly projectId: string }) => {
  const { data: sessions, isPending } = useQuery({ ...sessionsQuery(projectId), enabled: projectId !== "" });
  const [doing, setDoing] = useState<Doing>(null);
  const close = () => setDoing(null);
  return (
    <section aria-label="Chats" className="mt-4 flex min-h-0 flex-1 flex-col">
      <h2 className="px-4.5 pb-1 text-xs font-medium text-ink-3">Chats</h2>
      <div className="min-h-0 flex-1 overflow-y-auto px-2.5 pb-2">
        {isPending && projectId !== "" ? <SkeletonLines count={3} what="Loading chats" /> : null}
        {sessions?.length === 0 ? <p className="px-2 py-1 text-ink-3">None yet.</p> : null}
        <ul className="grid grid-cols-1 gap-px">
          {sessions?.map((session) => (
            <li key={session.id} className="group relative">
              <Link
                to="/p/$projectId/chat/$sessionId"
                params={{ projectId, sessionId: session.id }}
                title={harmlessLine(session.title)}
                className="block h-8 truncate rounded-md pr-8 pl-2 leading-8 text-ink-2 transition-colors hover:bg-hover hover:text-ink [&.active]:bg-hover [&.active]:text-ink"
              >
                {harmlessLine(session.title)}
              </Link>
              <Menu
                align="end"
                trigger={
                  <button
                    type="button"
                    aria-label={`What to do with ${harmlessLine(session.title)}`}
                    className="absolute top-1 right-1 inline-flex size-6 items-center justify-center rounded text-ink-3 opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100 max-md:opacity-100"
                  >
                    <Ellipsis className="size-4" />
                  </button>
                }
              >
                <MenuItem icon={<Pencil />} onSelect={() => setDoing({ what: "rename", session })}>
                  Rename…
                </MenuItem>
                <MenuItem icon={<Trash2 />} danger onSelect={() => setDoing({ what: "delete", session })}>
                  Delete…
                </MenuItem>
              </Menu>
            </li>
          ))}
        </ul>
      </div>
      {doing?.what === "rename" ? <Rename session={doing.session} onClose={close} /> : null}
      {doing?.what === "delete" ? <Delete session={doing.session} onClose={close} /> : null}
    </section>
  );
};

interface Shape {
  readonly session: ChatSession;
  readonly onClose: () => void;
}

const Rename = ({ session, onClose }: Shape) => {
  const [title, setTitle] = useState(session.title);
  const queries = useQueryClient();
  return (
    <FormDialog
      title="Rename this chat"
      act="Rename"
      ready={title.trim() !== ""}
      onClose={onClose}
      run={async () => {
        await changeSession(api.http, session.id, { title: title.trim() });
        await queries.invalidateQueries(sessionsQuery(session.project_id));
      }}
    >
      <TextField label="Title" value={title} maxLength={120} onText={setTitle} />
    </FormDialog>
  );
};

const Delete = ({ session, onClose }: Shape) => {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { sessionId } = useParams({ strict: false });
  return (
    <Confirm
      title="Delete this chat?"
      act="Delete"
      keep="Keep it"
      onClose={onClose}
      run={async () => {
        await deleteSession(api.http, session.id);
        if (sessionId === session.id)
          await navigate({ to: "/p/$projectId/chat", params: { projectId: session.project_id } });
        await queries.invalidateQueries(sessionsQuery(session.project_id));
      }}
    >
      “{harmlessLine(session.title)}” disappears from every list, its agents keep nothing of it, and this cannot be
      undone. What happened in it stays in the project’s log, and what was learned from it under Memory.
    </Confirm>
  );
};
