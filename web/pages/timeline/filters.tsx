// What to show of the log.
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { SpaceEvent } from "#schema/events/index.ts";
import { agentsQuery, meQuery, sessionsQuery } from "../../data/queries.ts";
import { Button } from "../../ui/button.tsx";
import { isNarrowed, type TimelineSearch } from "./timeline-search.ts";

const TYPES = SpaceEvent.options.map((option) => option.shape.type.value).toSorted();
const FAMILIES = Map.groupBy(TYPES, (type) => type.split(".", 1)[0] ?? "");

const Choice = ({
  label,
  value,
  onChange,
  children,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly children: ReactNode;
}) => (
  <select
    aria-label={label}
    value={value ?? ""}
    onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
    className="h-8 max-w-44 min-w-0 rounded-md border border-line-strong bg-raised px-2 text-xs text-ink hover:border-ink-3 max-md:flex-1 max-md:basis-32"
  >
    {children}
  </select>
);

const Chip = ({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) => (
  <button
    type="button"
    onClick={onRemove}
    aria-label={`Remove: ${label}`}
    className="inline-flex h-8 max-w-72 items-center gap-1.5 rounded-md bg-accent-soft px-2 font-mono text-xs text-accent"
  >
    <span className="truncate">{label}</span>
    <X className="size-3.5 shrink-0" aria-hidden="true" />
  </button>
);

/** The choices. */
export const Filters = ({
  projectId,
  search,
  onChange,
}: {
  readonly projectId: string;
  readonly search: TimelineSearch;
  readonly onChange: (search: TimelineSearch) => void;
}) => {
  const { data: sessions = [] } = useQuery(sessionsQuery(projectId));
  const { data: agents = [] } = useQuery(agentsQuery(projectId));
  const { data: me } = useQuery(meQuery);
  const { room, type, by, run, correlation } = search;
  const known = room === undefined || sessions.some(({ id }) => id === room);
  return (
    <search className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <Choice label="Chat" value={room} onChange={(next) => onChange({ ...search, room: next })}>
        <option value="">Everywhere</option>
        {known ? null : <option value={room}>A chat that was deleted</option>}
        {sessions.map(({ id, title }) => (
          <option key={id} value={id}>
            {harmlessLine(title)}
          </option>
        ))}
      </Choice>
      <Choice label="Kind of event" value={type} onChange={(next) => onChange({ ...search, type: next })}>
        <option value="">Every kind</option>
        {[...FAMILIES].map(([family, types]) => (
          <optgroup key={family} label={family.replaceAll("_", " ")}>
            {types.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </optgroup>
        ))}
      </Choice>
      <Choice label="Who" value={by} onChange={(next) => onChange({ ...search, by: next })}>
        <option value="">Everybody</option>
        {me === undefined ? null : <option value={`user:${me.id}`}>You</option>}
        {agents.map(({ id, name }) => (
          <option key={id} value={`agent:${id}`}>
            {harmlessLine(name)}
          </option>
        ))}
      </Choice>
      {run === undefined ? null : (
        <Chip label={`run ${harmlessLine(run)}`} onRemove={() => onChange({ ...search, run: undefined })} />
      )}
      {correlation === undefined ? null : (
        <Chip
          label={`belongs to ${harmlessLine(correlation)}`}
          onRemove={() => onChange({ ...search, correlation: undefined })}
        />
      )}
      {isNarrowed(search) ? (
        <Button
          look="ghost"
          size="sm"
          onClick={() =>
            onChange({ room: undefined, type: undefined, by: undefined, run: undefined, correlation: undefined })
          }
        >
          Show everything
        </Button>
      ) : null}
    </search>
  );
};
