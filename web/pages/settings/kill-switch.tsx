// The switch that stops every write outside. Stopping takes one click and a reason if there is one; going on is asked about.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { useState } from "react";
import { killSwitch, setKillSwitch } from "#client/sdk/policy.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { KillSwitch } from "#schema/api/policy.ts";
import { api } from "../../app/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Confirm, FormDialog } from "../../ui/form-dialog.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Section } from "../../ui/section.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";

/** The switch of one project. */
export const KillSwitchSection = ({ projectId }: { readonly projectId: string }) => {
  const queries = useQueryClient();
  const key = ["kill-switch", projectId];
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => killSwitch(api.http, projectId) });
  const [asking, setAsking] = useState<"stop" | "go" | null>(null);
  const set = async (stopped: boolean, reason?: string) => {
    queries.setQueryData(key, await setKillSwitch(api.http, projectId, stopped, reason));
    toast(
      stopped ? "Stopped. Nothing is written outside this project." : "Writing outside may go on, as the rules say.",
    );
  };
  return (
    <Section
      title="Kill switch"
      about="Stops every write outside this project at once: files on your machine, calls that change something elsewhere. Reading goes on."
    >
      {data === undefined ? (
        <NotYet of={{ error, refetch }} what="the switch" count={1} />
      ) : (
        <div className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-raised px-4 py-3">
          <State data={data} />
          {data.external_write ? (
            <Button disabled={data.forced} onClick={() => setAsking("go")}>
              Let it go on…
            </Button>
          ) : (
            <Button look="danger" icon={<OctagonX className="size-4" />} onClick={() => setAsking("stop")}>
              Stop all writing…
            </Button>
          )}
        </div>
      )}
      {asking === "stop" ? <Stop onClose={() => setAsking(null)} run={(reason) => set(true, reason)} /> : null}
      {asking === "go" ? (
        <Confirm title="Let writing go on?" act="Let it go on" onClose={() => setAsking(null)} run={() => set(false)}>
          <p>Agents may write outside this project again. Your approval is asked for as before.</p>
        </Confirm>
      ) : null}
    </Section>
  );
};

const State = ({ data }: { readonly data: KillSwitch }) => (
  <div className="grid min-w-0 flex-1 basis-60 grid-cols-1 gap-1">
    <p>
      {data.external_write ? (
        <Badge tone="danger">Stopped</Badge>
      ) : (
        <Badge tone="ok">Writing is allowed, as the rules say</Badge>
      )}
    </p>
    {data.forced ? (
      <p className="text-xs text-ink-2">The installation forces it on; whoever runs it can lift that.</p>
    ) : null}
    {data.external_write && data.reason !== null && data.reason !== "" ? (
      <p className="text-sm break-words text-ink-2">{harmlessLine(data.reason)}</p>
    ) : null}
    {data.set_at === null ? null : (
      <p className="text-xs text-ink-3">
        Set <TimeAgo at={data.set_at} />
      </p>
    )}
  </div>
);

const Stop = ({
  run,
  onClose,
}: {
  readonly run: (reason?: string) => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const [reason, setReason] = useState("");
  return (
    <FormDialog
      title="Stop all writing outside?"
      act="Stop it now"
      look="danger"
      onClose={onClose}
      run={() => run(reason.trim() === "" ? undefined : reason.trim())}
    >
      <p className="text-sm text-ink-2">
        From this moment no agent and no engine writes outside this project, approved or not, until you let it go on.
      </p>
      <TextField label="Why (optional)" value={reason} maxLength={500} onText={setReason} />
    </FormDialog>
  );
};
