// Throwing away what fits every rule that is given; or everything.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { CheckField, SelectField, TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { goneText } from "./context-documents.tsx";
import { type PruneDraft, readPrune } from "./prune-rules.ts";

/** The dialog. */
export const PruneDialog = ({
  agentId,
  onDone,
  onClose,
}: {
  readonly agentId: string;
  readonly onDone: () => unknown;
  readonly onClose: () => void;
}) => {
  const [draft, setDraft] = useState<PruneDraft>({
    type: "interaction",
    olderThanDays: "90",
    failedOnly: false,
    keep: "",
  });
  const rules = readPrune(draft);
  const prune = useMutation({
    mutationFn: async () => (rules === null ? null : api.context(agentId).prune(rules)),
    onSuccess: async (gone) => {
      await onDone();
      if (gone !== null) toast(goneText(gone));
      onClose();
    },
  });
  const change = (part: Partial<PruneDraft>) => setDraft((now) => ({ ...now, ...part }));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Tidy up"
      footer={
        <>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={prune.isPending} disabled={rules === null} onClick={() => prune.mutate()}>
            Throw away
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-4">
        <p className="text-sm text-ink-2">What fits all of these goes, and it cannot be brought back.</p>
        <SelectField label="What" value={draft.type} onChange={(event) => change({ type: event.target.value })}>
          <option value="interaction">From earlier turns</option>
          <option value="document">Pieces of documents</option>
          <option value="all">Everything</option>
        </SelectField>
        <TextField
          label="Older than, in days"
          inputMode="numeric"
          value={draft.olderThanDays}
          hint="Empty: of any age"
          onChange={(event) => change({ olderThanDays: event.target.value })}
        />
        <TextField
          label="But keep the newest"
          inputMode="numeric"
          value={draft.keep}
          hint="Empty: keep none of them"
          onChange={(event) => change({ keep: event.target.value })}
        />
        <CheckField
          label="Only what went badly"
          checked={draft.failedOnly}
          onChange={(event) => change({ failedOnly: event.target.checked })}
        />
        {rules === null ? (
          <p role="alert" className="text-xs text-danger">
            Give at least one rule, in whole numbers.
          </p>
        ) : null}
        <ErrorLine error={prune.error} />
      </div>
    </Dialog>
  );
};
