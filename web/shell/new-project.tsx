// A new project: a name, and it is ready.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../app/api.ts";
import { projectsQuery } from "../data/queries.ts";
import { TextField } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

/** The dialog that makes one. */
export const NewProject = ({ onClose }: { readonly onClose: () => void }) => {
  const [name, setName] = useState("");
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <FormDialog
      title="New project"
      act="Make it"
      ready={name.trim() !== ""}
      onClose={onClose}
      run={async () => {
        const { id } = await api.createProject(name.trim());
        await queries.invalidateQueries(projectsQuery);
        await navigate({ to: "/p/$projectId/start", params: { projectId: id } });
      }}
    >
      <p className="text-sm text-ink-2">
        It has a space, agents and a folder of its own; nothing is shared with your other projects.
      </p>
      <TextField label="Name" value={name} maxLength={80} onText={setName} placeholder="Thesis" />
    </FormDialog>
  );
};
