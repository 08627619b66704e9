// What went wrong and somebody should know: opened by engines and by people, resolved here.
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Plus, Siren } from "lucide-react";
import { useState } from "react";
import { incidents, resolveIncident } from "#client/sdk/incidents.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Incident } from "#schema/api/incidents.ts";
import { api } from "../../app/api.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ChatLink } from "../../ui/chat-link.tsx";
import { SelectField, TextArea } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";
import { OpenIncident } from "./open-incident.tsx";

const TONE: Readonly<Record<Incident["severity"], Tone>> = {
  low: "calm",
  medium: "warn",
  high: "danger",
  critical: "danger",
};

/** The list, those that are open at first. */
export const IncidentsPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const [which, setWhich] = useState("open");
  const [opening, setOpening] = useState(false);
  const [resolving, setResolving] = useState<Incident | null>(null);
  const pages = usePages(["incidents", projectId, which], (cursor) =>
    incidents(api.http, projectId, {
      limit: 20,
      ...(which === "open" || which === "resolved" ? { status: which } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    }),
  );
  const queries = useQueryClient();
  const changed = () => queries.invalidateQueries({ queryKey: ["incidents", projectId] });
  return (
    <Page
      title="Incidents"
      narrow
      actions={
        <Button size="sm" icon={<Plus className="size-3.5" />} onClick={() => setOpening(true)}>
          Open one
        </Button>
      }
    >
      <div className="mb-4 max-w-48">
        <SelectField label="Show" value={which} onText={setWhich}>
          <option value="open">Open ones</option>
          <option value="resolved">Resolved ones</option>
          <option value="all">All</option>
        </SelectField>
      </div>
      <Paged
        pages={pages}
        what="incidents"
        empty={
          <EmptyState icon={<Siren />} title={which === "open" ? "Nothing is wrong" : "None here"}>
            When a program that works for you finds something broken, it opens an incident. You can open one yourself,
            so that it is not forgotten.
          </EmptyState>
        }
      >
        {(items) => (
          <ul className="grid grid-cols-1 gap-3">
            {items.map((incident) => (
              <Item key={incident.id} incident={incident} onResolve={() => setResolving(incident)} />
            ))}
          </ul>
        )}
      </Paged>
      {opening ? <OpenIncident projectId={projectId} onDone={changed} onClose={() => setOpening(false)} /> : null}
      {resolving === null ? null : <Resolve incident={resolving} onDone={changed} onClose={() => setResolving(null)} />}
    </Page>
  );
};

const Item = ({ incident, onResolve }: { readonly incident: Incident; readonly onResolve: () => void }) => (
  <li className="grid grid-cols-1 gap-2 rounded-lg border border-line bg-raised px-4 py-3">
    <div className="flex flex-wrap items-center gap-2">
      <Badge tone={TONE[incident.severity]}>{incident.severity}</Badge>
      <h2 className="min-w-0 flex-1 basis-40 text-sm font-semibold break-words">{harmlessLine(incident.title)}</h2>
      {incident.status === "open" ? (
        <Button size="sm" onClick={onResolve}>
          Resolve…
        </Button>
      ) : (
        <Badge tone="ok">resolved</Badge>
      )}
    </div>
    {incident.details === "" ? null : (
      <LongText text={incident.details} label={`Details of ${incident.title}, ${incident.id}`} cap={800} />
    )}
    <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
      <span>
        Opened <TimeAgo at={incident.opened_at} /> by {openerText(incident.opened_by)}
      </span>
      {incident.resolved_at === null ? null : (
        <span>
          Resolved <TimeAgo at={incident.resolved_at} />
        </span>
      )}
      {incident.room_id === null ? null : (
        <ChatLink projectId={incident.project_id} sessionId={incident.room_id}>
          Go to the chat
        </ChatLink>
      )}
    </p>
    {incident.resolution === null || incident.resolution === "" ? null : (
      <p className="text-sm break-words text-ink-2">{harmlessLine(incident.resolution)}</p>
    )}
  </li>
);

const openerText = (who: string): string =>
  who.startsWith("user:") ? "you" : harmlessLine(who.replace(/^service:/, ""));

const Resolve = ({
  incident,
  onDone,
  onClose,
}: {
  readonly incident: Incident;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const [words, setWords] = useState("");
  return (
    <FormDialog
      title="Resolve this incident"
      act="Resolve"
      onClose={onClose}
      run={async () => {
        await resolveIncident(api.http, incident.id, words.trim() === "" ? undefined : words.trim());
        await onDone();
        toast("It is resolved.");
      }}
    >
      <p className="text-sm text-ink-2">“{harmlessLine(incident.title)}” is over.</p>
      <TextArea label="How (optional)" rows={3} maxLength={2_000} value={words} onText={setWords} />
    </FormDialog>
  );
};
