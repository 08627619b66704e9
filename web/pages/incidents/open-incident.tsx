// Opening an incident by hand.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { openIncident } from "#client/sdk/incidents.ts";
import { IncidentSeverity } from "#schema/api/incidents.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";
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
  const open = useMutation({
    mutationFn: () =>
      openIncident(api.http, projectId, { title: title.trim(), severity: IncidentSeverity.parse(severity), details }),
    onSuccess: async () => {
      await onDone();
      toast("It is open.");
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Open an incident"
      footer={
        <>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" form="incident" busy={open.isPending} disabled={title.trim() === ""}>
            Open it
          </Button>
        </>
      }
    >
      <form
        id="incident"
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate();
        }}
      >
        <TextField
          label="What is wrong"
          value={title}
          maxLength={200}
          placeholder="The nightly build is red"
          onChange={(event) => setTitle(event.target.value)}
        />
        <SelectField label="How bad" value={severity} onChange={(event) => setSeverity(event.target.value)}>
          {IncidentSeverity.options.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
        <TextArea
          label="Details (optional)"
          rows={4}
          maxLength={20_000}
          value={details}
          onChange={(event) => setDetails(event.target.value)}
        />
        <ErrorLine error={open.error} />
      </form>
    </Dialog>
  );
};
