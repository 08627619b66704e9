// A schedule, new or changed. What its times mean is said in words while they are typed; whether they are right the server says.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schedule } from "#schema/api/schedules.ts";
import { idOf } from "#schema/ids.ts";
import { api } from "../../app/api.ts";
import { agentsQuery } from "../../data/queries.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { cronWords } from "./cron-words.ts";
import { momentText, ownZone } from "./moment.ts";

const IDEAS = [
  ["0 9 * * MON-FRI", "Weekdays at nine"],
  ["0 * * * *", "Every hour"],
  ["0 8 * * MON", "Monday mornings"],
  ["0 0 1 * *", "First of the month"],
] as const;

/** The dialog; `schedule` null makes a new one. */
export const ScheduleDialog = ({
  projectId,
  schedule,
  onDone,
  onClose,
}: {
  readonly projectId: string;
  readonly schedule: Schedule | null;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const { data: agents = [] } = useQuery(agentsQuery(projectId));
  const [name, setName] = useState(schedule?.name ?? "");
  const [cron, setCron] = useState(schedule?.cron ?? "0 9 * * MON-FRI");
  const [zone, setZone] = useState(schedule?.time_zone ?? ownZone());
  const [agent, setAgent] = useState<string>(schedule?.agent?.id ?? "");
  const [message, setMessage] = useState(schedule?.message ?? "");
  const words = cronWords(cron);
  const save = async () => {
    const said = { name: name.trim(), cron: cron.trim(), time_zone: zone.trim(), message };
    const { next_run_at: next, time_zone: where } =
      schedule === null
        ? await api.createSchedule({
            ...said,
            project_id: idOf("project").parse(projectId),
            ...(agent === "" ? {} : { agent }),
          })
        : await api.changeSchedule(schedule.id, {
            ...said,
            agent: agent === "" ? null : agent,
            if_version: schedule.version,
          });
    await onDone();
    toast(next === null ? "It is kept; it is paused." : `It comes next on ${momentText(next, where)}.`);
  };
  const isWhole = name.trim() !== "" && message.trim() !== "" && cron.trim() !== "" && zone.trim() !== "";
  return (
    <FormDialog
      title={schedule === null ? "New schedule" : "Change the schedule"}
      act={schedule === null ? "Schedule it" : "Save"}
      ready={isWhole}
      onClose={onClose}
      run={save}
    >
      <TextField label="Name" value={name} maxLength={80} placeholder="Morning review" onText={setName} />
      <div className="grid grid-cols-1 gap-2">
        <TextField
          label="When, as a cron expression"
          value={cron}
          maxLength={120}
          className="font-mono"
          hint={words ?? "Minute, hour, day of month, month, day of week"}
          onText={setCron}
        />
        <div className="flex flex-wrap gap-1.5">
          {IDEAS.map(([idea, label]) => (
            <Button key={idea} size="sm" aria-pressed={cron === idea} onClick={() => setCron(idea)}>
              {label}
            </Button>
          ))}
        </div>
      </div>
      <TextField label="Time zone" value={zone} maxLength={64} hint="A name such as Europe/Berlin" onText={setZone} />
      <SelectField label="For" value={agent} onText={setAgent}>
        <option value="">The whole team</option>
        {agents.map(({ id, name: called }) => (
          <option key={id} value={id}>
            @{called}
          </option>
        ))}
      </SelectField>
      <TextArea
        label="Message"
        rows={4}
        value={message}
        maxLength={20_000}
        placeholder="Look through the project's notes and list what is still open."
        onText={setMessage}
      />
    </FormDialog>
  );
};
