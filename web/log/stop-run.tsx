// Ends a run that goes on, after a question: what was done stays done, and the rest is not done.
import { useState } from "react";
import type { RunStatus } from "#schema/api/runs.ts";
import { api } from "../app/api.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/form-dialog.tsx";
import { toast } from "../ui/toast.tsx";

const GOING: ReadonlySet<RunStatus> = new Set(["queued", "running", "waiting"]);

/** The button; nothing once the run has ended. */
export const StopRun = ({
  projectId,
  runId,
  status,
}: {
  readonly projectId: string;
  readonly runId: string;
  readonly status: RunStatus;
}) => {
  const [asking, setAsking] = useState(false);
  if (!GOING.has(status)) return null;
  return (
    <>
      <Button look="danger" size="sm" onClick={() => setAsking(true)}>
        Stop…
      </Button>
      {asking ? (
        <Confirm
          title="Stop this run?"
          act="Stop it"
          keep="Let it go on"
          onClose={() => setAsking(false)}
          run={async () => {
            await api.cancel(projectId, runId);
            toast("It is stopped.");
          }}
        >
          Nothing more is begun, and what waits for an answer is withdrawn. What was done stays done.
        </Confirm>
      ) : null}
    </>
  );
};
