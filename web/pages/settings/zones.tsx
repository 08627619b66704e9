// How dangerous each chat is taken to be: every action in it is judged by that.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changeSession } from "#client/sdk/sessions.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ChatSession } from "#schema/api/chat.ts";
import { Zone } from "#schema/events/envelope.ts";
import { api } from "../../app/api.ts";
import { sessionsQuery } from "../../data/queries.ts";
import { cx } from "../../ui/class-names.ts";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { toast, toastError } from "../../ui/toast.tsx";

const WORDS: Readonly<Record<Zone, string>> = {
  sandbox: "Sandbox: little is asked",
  supervised: "Supervised: writing is asked about",
  high_stakes: "High stakes: everything is asked about",
};

/** The chats of a project and their zones. */
export const Zones = ({ projectId }: { readonly projectId: string }) => {
  const pages = usePages(["sessions", projectId, "zones"], (cursor) => api.sessions(projectId, { limit: 20, cursor }));
  return (
    <Section
      title="Zones of chats"
      about="A chat begins supervised. In a stricter zone more is asked, in a sandbox less."
    >
      <Paged pages={pages} what="chats" empty={<p className="text-sm text-ink-2">There are no chats yet.</p>}>
        {(sessions) => (
          <Table label="Zones of chats" head={["Chat", "Zone"]}>
            {sessions.map((session) => (
              <Item key={session.id} session={session} />
            ))}
          </Table>
        )}
      </Paged>
    </Section>
  );
};

const Item = ({ session }: { readonly session: ChatSession }) => {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (zone: Zone) => changeSession(api.http, session.id, { zone }),
    onSuccess: async () => {
      await queries.invalidateQueries(sessionsQuery(session.project_id));
      toast("The zone is set.");
    },
    onError: toastError,
  });
  return (
    <Row>
      <Cell className="min-w-36 max-md:min-w-28">
        <Link
          to="/p/$projectId/chat/$sessionId"
          params={{ projectId: session.project_id, sessionId: session.id }}
          className="[overflow-wrap:anywhere] underline-offset-2 hover:underline"
        >
          {harmlessLine(session.title)}
        </Link>
      </Cell>
      <Cell>
        <select
          aria-label={`Zone of ${harmlessLine(session.title)}`}
          value={session.zone}
          disabled={change.isPending}
          onChange={(event) => change.mutate(Zone.parse(event.target.value))}
          className={cx(
            "h-8 truncate rounded-md border border-line-strong bg-raised px-2 text-sm max-md:w-44",
            session.zone === "sandbox" && "text-warn",
          )}
        >
          {Zone.options.map((zone) => (
            <option key={zone} value={zone}>
              {WORDS[zone]}
            </option>
          ))}
        </select>
      </Cell>
    </Row>
  );
};
