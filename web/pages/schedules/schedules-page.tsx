// Messages that say themselves: each with what it means, when it comes next, how it went last, and pausing, running, deleting.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CalendarClock, Ellipsis, Pause, Pencil, Play, Plus, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Schedule } from "#schema/api/schedules.ts";
import { api } from "../../app/api.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ChatLink } from "../../ui/chat-link.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { cronWords } from "./cron-words.ts";
import { momentText } from "./moment.ts";
import { ScheduleDialog } from "./schedule-dialog.tsx";

type Doing = { readonly what: "new" } | { readonly what: "edit" | "delete"; readonly schedule: Schedule };

/** The list. */
export const SchedulesPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const pages = usePages(["schedules", projectId], (cursor) =>
    api.schedules({ project_id: projectId, limit: 20, cursor }),
  );
  const [doing, setDoing] = useState<Doing | null>(null);
  const queries = useQueryClient();
  const changed = () => queries.invalidateQueries({ queryKey: ["schedules", projectId] });
  const close = () => setDoing(null);
  const add = (
    <Button look="primary" size="sm" icon={<Plus className="size-3.5" />} onClick={() => setDoing({ what: "new" })}>
      New schedule
    </Button>
  );
  return (
    <Page title="Schedules" actions={add}>
      <Paged
        pages={pages}
        what="schedules"
        empty={
          <EmptyState icon={<CalendarClock />} title="Nothing is scheduled" action={add}>
            A schedule says a message again and again, by the clock: a morning review, a weekly report. What it starts
            is a chat like any other.
          </EmptyState>
        }
      >
        {(schedules) => (
          <ul className="grid grid-cols-1 gap-3">
            {schedules.map((schedule) => (
              <Item
                key={schedule.id}
                schedule={schedule}
                onChanged={changed}
                onEdit={() => setDoing({ what: "edit", schedule })}
                onDelete={() => setDoing({ what: "delete", schedule })}
              />
            ))}
          </ul>
        )}
      </Paged>
      {doing?.what === "new" ? (
        <ScheduleDialog projectId={projectId} schedule={null} onDone={changed} onClose={close} />
      ) : null}
      {doing?.what === "edit" ? (
        <ScheduleDialog projectId={projectId} schedule={doing.schedule} onDone={changed} onClose={close} />
      ) : null}
      {doing?.what === "delete" ? (
        <Confirm
          title="Delete this schedule?"
          act="Delete it"
          keep="Keep it"
          onClose={close}
          run={async () => {
            await api.deleteSchedule(doing.schedule.id);
            await changed();
          }}
        >
          <p>
            “{harmlessLine(doing.schedule.name)}” is not said any more. What it has started goes on, and its chats stay.
          </p>
        </Confirm>
      ) : null}
    </Page>
  );
};

const TONE: Readonly<Record<string, Tone>> = {
  completed: "ok",
  failed: "danger",
  refused: "danger",
  cancelled: "calm",
  running: "accent",
};

const Item = ({
  schedule,
  onChanged,
  onEdit,
  onDelete,
}: {
  readonly schedule: Schedule;
  readonly onChanged: () => Promise<unknown>;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}) => {
  const {
    id,
    name,
    cron,
    time_zone: zone,
    enabled,
    next_run_at: next,
    last_run_at: last,
    last_status: status,
  } = schedule;
  const pause = useMutation({
    mutationFn: () => api.changeSchedule(id, { enabled: !enabled }),
    onSuccess: async () => {
      await onChanged();
      toast(enabled ? "It is paused." : "It goes on.");
    },
    onError: toastError,
  });
  const run = useMutation({
    mutationFn: () => api.runSchedule(id),
    onSuccess: async () => {
      await onChanged();
      toast("It runs now.");
    },
    onError: toastError,
  });
  return (
    <li className="grid grid-cols-1 gap-1.5 rounded-lg border border-line bg-raised px-4 py-3">
      <div className="flex items-center gap-2">
        <h2 className="min-w-0 truncate text-sm font-semibold">{harmlessLine(name)}</h2>
        {enabled ? null : <Badge tone="warn">paused</Badge>}
        {status === null ? null : <Badge tone={TONE[status] ?? "accent"}>{status}</Badge>}
        <span className="ml-auto flex items-center">
          <IconButton
            label={enabled ? "Pause" : "Let it go on"}
            disabled={pause.isPending}
            onClick={() => pause.mutate()}
          >
            {enabled ? <Pause /> : <Play />}
          </IconButton>
          <IconButton label="Run now" disabled={run.isPending} onClick={() => run.mutate()}>
            <Zap />
          </IconButton>
          <Menu
            align="end"
            trigger={
              <button
                type="button"
                aria-label={`More for ${harmlessLine(name)}`}
                className="inline-flex size-7 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
              >
                <Ellipsis className="size-4" />
              </button>
            }
          >
            <MenuItem icon={<Pencil />} onSelect={onEdit}>
              Edit…
            </MenuItem>
            <MenuLine />
            <MenuItem icon={<Trash2 />} danger onSelect={onDelete}>
              Delete…
            </MenuItem>
          </Menu>
        </span>
      </div>
      <p className="text-sm text-ink-2">
        {cronWords(cron) ?? "By the clock"} <span className="text-ink-3">({zone})</span>{" "}
        <code className="font-mono text-xs text-ink-3">{cron}</code>
      </p>
      <p className="line-clamp-2 text-sm break-words text-ink-2">
        {schedule.agent === null ? "" : `@${harmlessLine(schedule.agent.name ?? "an agent that is gone")}: `}
        {harmlessLine(schedule.message)}
      </p>
      <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
        {next === null ? null : <span>Next {momentText(next, zone)}</span>}
        {last === null ? (
          <span>Never run</span>
        ) : (
          <span>
            Last <TimeAgo at={last} />
          </span>
        )}
        {schedule.missed > 0 ? <span>{schedule.missed} missed</span> : null}
        {schedule.session_id === null ? null : (
          <ChatLink projectId={schedule.project_id} sessionId={schedule.session_id}>
            Go to its chat
          </ChatLink>
        )}
      </p>
      {schedule.last_error === null ? null : (
        <p className="rounded-md bg-danger-soft px-3 py-1.5 text-xs break-words text-danger">
          {harmlessLine(schedule.last_error)}
        </p>
      )}
    </li>
  );
};
