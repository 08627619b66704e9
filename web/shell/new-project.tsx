// A new project: a name, and it is ready.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../app/api.ts";
import { projectsQuery } from "../data/queries.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { ErrorLine } from "../ui/states.tsx";

/** The dialog that makes one. */
export const NewProject = ({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) => {
  const [name, setName] = useState("");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => api.createProject(name.trim()),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries(projectsQuery);
      setName("");
      onClose();
      navigate({ to: "/p/$projectId/start", params: { projectId: id } });
    },
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New project"
      footer={
        <>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" form="new-project" busy={make.isPending} disabled={name.trim() === ""}>
            Make it
          </Button>
        </>
      }
    >
      <form
        id="new-project"
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <p className="text-sm text-ink-2">
          It has a space, agents and a folder of its own; nothing is shared with your other projects.
        </p>
        <TextField
          label="Name"
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.target.value)}
          placeholder="Thesis"
        />
        <ErrorLine error={make.error} />
      </form>
    </Dialog>
  );
};
