// Opening an incident by hand.
import { useState } from "react";
import { openIncident } from "#client/sdk/incidents.ts";
import { IncidentSeverity } from "#schema/api/incidents.ts";
import { api } from "../../app/api.ts";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { toast } from "../../ui/toast.tsx";

/** The dialog. */
export const OpenIncident = ({
  projectId,
  onDone,
  onClose,
}: {
  readonly projectId: string;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const [title, setTitle] = useState("");
  const [severity, setSeverity] = useState("medium");
  const [details, setDetails] = useState("");
  return (
    <FormDialog
      title="Open an incident"
      act="Open it"
      ready={title.trim() !== ""}
      onClose={onClose}
      run={async () => {
        await openIncident(api.http, projectId, {
          title: title.trim(),
          severity: IncidentSeverity.parse(severity),
          details,
        });
        await onDone();
        toast("It is open.");
      }}
    >
      <TextField
        label="What is wrong"
        value={title}
        maxLength={200}
        placeholder="The nightly build is red"
        onText={setTitle}
      />
      <SelectField label="How bad" value={severity} onText={setSeverity}>
        {IncidentSeverity.options.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </SelectField>
      <TextArea label="Details (optional)" rows={4} maxLength={20_000} value={details} onText={setDetails} />
    </FormDialog>
  );
};
