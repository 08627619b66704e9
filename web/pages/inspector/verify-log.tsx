// The whole chain, recomputed by the server, and on demand every read model rebuilt from it.
import { useMutation } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { LogVerification } from "#schema/api/events.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";

const Outcome = ({ outcome }: { readonly outcome: LogVerification }) => {
  const { valid, checked, head, anchor, first_bad_seq: bad, problem, read_models: models } = outcome;
  const Icon = valid ? ShieldCheck : ShieldAlert;
  return (
    <div className="grid grid-cols-1 gap-3" role="status" data-valid={valid}>
      <p className="flex items-start gap-2 text-base font-medium">
        <Icon className={valid ? "size-5 shrink-0 text-ok" : "size-5 shrink-0 text-danger"} aria-hidden="true" />
        {valid
          ? `All ${checked.toLocaleString("en")} events follow from each other`
          : `The chain breaks${bad === null ? "" : ` at event ${bad}`}: ${harmlessLine(problem ?? "").replaceAll("_", " ")}`}
      </p>
      <dl className="grid grid-cols-1 gap-2 text-sm">
        <div>
          <dt className="text-xs text-ink-3">The end of the chain, event {head.seq}</dt>
          <dd className="font-mono text-xs break-all">{head.hash}</dd>
        </div>
        <div>
          <dt className="text-xs text-ink-3">Kept outside the log</dt>
          <dd className="text-sm">
            {anchor === null ? (
              "Nothing yet; that happens within a minute of the first event."
            ) : (
              <>
                event {anchor.seq}, <TimeAgo at={anchor.at} />
              </>
            )}
          </dd>
        </div>
        {models === undefined ? null : (
          <div>
            <dt className="text-xs text-ink-3">What is stored, against what the log adds up to</dt>
            <dd className={models.equal ? "text-sm" : "text-sm text-danger"}>
              {models.equal
                ? `The same, in all ${models.tables} tables`
                : `Different in ${models.first_difference?.table ?? "a table"}, ${harmlessLine(models.first_difference?.key ?? "")}`}
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
};

/** A button, and what comes of it in a dialog. */
export const VerifyLog = ({ projectId }: { readonly projectId: string }) => {
  const [open, setOpen] = useState(false);
  const verify = useMutation({ mutationFn: (models: boolean) => api.verify(projectId, models) });
  const begin = () => {
    setOpen(true);
    verify.mutate(false);
  };
  return (
    <>
      <Button size="sm" icon={<ShieldCheck className="size-3.5" />} onClick={begin}>
        Verify the log
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="The log, recomputed"
        footer={
          <>
            <Button look="ghost" onClick={() => setOpen(false)}>
              Close
            </Button>
            <Button busy={verify.isPending} onClick={() => verify.mutate(true)}>
              Rebuild what is stored, too
            </Button>
          </>
        }
      >
        {verify.isPending ? (
          <p className="flex items-center gap-2 text-sm text-ink-2" role="status">
            <Spinner /> Every event is recomputed…
          </p>
        ) : null}
        <ErrorLine error={verify.error} />
        {verify.data === undefined || verify.isPending ? null : <Outcome outcome={verify.data} />}
      </Dialog>
    </>
  );
};
