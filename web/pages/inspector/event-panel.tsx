// One event: what it says, its envelope, what it belongs to, and its place in the chain, recomputed here.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { harmlessJson, harmlessLine } from "#client/terminal/harmless.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import { api } from "../../app/api.ts";
import { proveEvent } from "../../log/chain-proof.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { IconButton } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { ProofView } from "./proof-view.tsx";

// The event and the one before it, in one page of two.
const eventQuery = (projectId: string, seq: number) => ({
  queryKey: ["event", projectId, seq],
  queryFn: async () => {
    const { items } = await api.events(projectId, { from_seq: Math.max(0, seq - 2), limit: 2 });
    const event = items.find((one) => one.seq === seq) ?? null;
    const before = items.find((one) => one.seq === seq - 1) ?? null;
    return { event, checks: event === null ? [] : await proveEvent(event, before) };
  },
});

const LINK = "text-accent underline underline-offset-2 break-all";

const Line = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-2 py-0.5">
    <dt className="text-xs text-ink-3">{name}</dt>
    <dd className="font-mono text-xs break-all">{children}</dd>
  </div>
);

const Envelope = ({ projectId, event }: { readonly projectId: string; readonly event: StoredEvent }) => {
  const { room_id: room, run_id: run, correlation_id: correlation } = event;
  return (
    <dl>
      <Line name="Sequence">{event.seq}</Line>
      <Line name="When">
        <time dateTime={event.at}>{event.at}</time>
      </Line>
      <Line name="Type">
        {harmlessLine(event.type)}, version {event.version}
      </Line>
      <Line name="Who">{harmlessLine(event.principal)}</Line>
      {event.on_behalf_of === null ? null : <Line name="On behalf of">{harmlessLine(event.on_behalf_of)}</Line>}
      <Line name="Zone">{event.zone}</Line>
      <Line name="Stream">
        {harmlessLine(event.stream_type)} {harmlessLine(event.stream_id)}, number {event.stream_seq}
      </Line>
      {run === null ? null : (
        <Line name="Run">
          <Link
            to="/p/$projectId/inspector/$runId"
            params={{ projectId, runId: run }}
            search={{ seq: event.seq }}
            className={LINK}
          >
            {harmlessLine(run)}
          </Link>
        </Line>
      )}
      {room === null ? null : (
        <Line name="Chat">
          <Link to="/p/$projectId/chat/$sessionId" params={{ projectId, sessionId: room }} className={LINK}>
            {harmlessLine(room)}
          </Link>
        </Line>
      )}
      {correlation === null ? null : (
        <Line name="Belongs to">
          <Link to="/p/$projectId/timeline" params={{ projectId }} search={{ correlation }} className={LINK}>
            {harmlessLine(correlation)}
          </Link>
        </Line>
      )}
      {event.causation_id === null ? null : <Line name="Caused by">{harmlessLine(event.causation_id)}</Line>}
      {event.idempotency_key === null ? null : <Line name="Asked once as">{harmlessLine(event.idempotency_key)}</Line>}
      <Line name="Id">{event.event_id}</Line>
    </dl>
  );
};

/** The event, in a place beside the page; over it on a phone. */
export const EventPanel = ({
  projectId,
  seq,
  onGo,
  onClose,
}: {
  readonly projectId: string;
  readonly seq: number;
  readonly onGo: (seq: number) => void;
  readonly onClose: () => void;
}) => {
  const { data, error, isPending, refetch } = useQuery(eventQuery(projectId, seq));
  const event = data?.event ?? null;
  return (
    <SidePanel
      label={`Event ${seq}`}
      head={<span className="font-mono text-xs">{event === null ? `Event ${seq}` : harmlessLine(event.type)}</span>}
      actions={
        <>
          <IconButton label="The event before" disabled={seq <= 1} onClick={() => onGo(seq - 1)}>
            <ChevronLeft />
          </IconButton>
          <IconButton label="The event after" onClick={() => onGo(seq + 1)}>
            <ChevronRight />
          </IconButton>
        </>
      }
      onClose={onClose}
    >
      {isPending ? (
        <div className="p-4">
          <SkeletonLines what="Loading the event" />
        </div>
      ) : null}
      {error === null ? null : <ErrorState error={error} onRetry={() => refetch()} />}
      {data !== undefined && event === null ? (
        <p className="p-4 text-sm text-ink-2">There is no event {seq}: the log ends before it.</p>
      ) : null}
      {event === null ? null : (
        <>
          <div className="px-4 py-3">
            <Envelope projectId={projectId} event={event} />
          </div>
          <PanelPart title="What it says">
            {event.data === null ? (
              <p className="text-xs text-ink-2">
                Its words were taken out of the log. Its hash stays, and with it the chain.
              </p>
            ) : (
              <LongText text={harmlessJson(event.data, 2)} label="The event’s data" />
            )}
          </PanelPart>
          <PanelPart title="Its place in the chain">
            <ProofView checks={data?.checks ?? []} first={event.seq === 1} />
          </PanelPart>
          <div className="flex items-center gap-2 border-t border-line px-4 py-2 text-xs text-ink-3">
            <CopyButton text={JSON.stringify(event, null, 2)} label="Copy the whole event" /> Copy it as JSON
          </div>
        </>
      )}
    </SidePanel>
  );
};
