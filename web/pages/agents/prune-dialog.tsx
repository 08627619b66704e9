// Throwing away what fits every rule that is given; or everything.
import { useState } from "react";
import { api } from "../../app/api.ts";
import { CheckField, SelectField, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
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
  const change = (part: Partial<PruneDraft>) => setDraft((now) => ({ ...now, ...part }));
  return (
    <FormDialog
      title="Tidy up"
      act="Throw away"
      look="danger"
      ready={rules !== null}
      onClose={onClose}
      run={async () => {
        if (rules === null) return;
        const gone = await api.context(agentId).prune(rules);
        await onDone();
        toast(goneText(gone));
      }}
    >
      <p className="text-sm text-ink-2">What fits all of these goes, and it cannot be brought back.</p>
      <SelectField label="What" value={draft.type} onText={(text) => change({ type: text })}>
        <option value="interaction">From earlier turns</option>
        <option value="document">Pieces of documents</option>
        <option value="all">Everything</option>
      </SelectField>
      <TextField
        label="Older than, in days"
        inputMode="numeric"
        value={draft.olderThanDays}
        hint="Empty: of any age"
        onText={(text) => change({ olderThanDays: text })}
      />
      <TextField
        label="But keep the newest"
        inputMode="numeric"
        value={draft.keep}
        hint="Empty: keep none of them"
        onText={(text) => change({ keep: text })}
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
    </FormDialog>
  );
};
