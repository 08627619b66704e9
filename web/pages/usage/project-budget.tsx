// What one project may spend in a month: part of how its orchestrator works, and a limit of its own inside the account's.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Orchestrator } from "#schema/api/orchestrator.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Bar } from "./bar.tsx";
import { readLimit } from "./budget-bar.ts";
import { budgetQuery, orchestratorQuery } from "./queries.ts";

/** The project's budget. */
export const ProjectBudget = ({ projectId }: { readonly projectId: string }) => {
  const { data, error, refetch } = useQuery(orchestratorQuery(projectId));
  const { data: budget } = useQuery(budgetQuery);
  const mine = budget?.projects.find(({ project_id: id }) => id === projectId);
  return (
    <Section title="This project" about="A limit of its own, inside that of all projects.">
      {data === undefined ? (
        <NotYet of={{ error, refetch }} what="the project's budget" count={2} />
      ) : (
        <>
          <Bar
            label="Budget of this project"
            limit={data.limits.monthly_budget_usd}
            spent={mine?.spent_usd ?? 0}
            reserved={mine?.reserved_usd ?? 0}
            alertAt={null}
          />
          <Form key={data.version} projectId={projectId} orchestrator={data} />
        </>
      )}
    </Section>
  );
};

const Form = ({ projectId, orchestrator }: { readonly projectId: string; readonly orchestrator: Orchestrator }) => {
  const present = orchestrator.limits.monthly_budget_usd;
  const [limit, setLimit] = useState(present === null ? "" : String(present));
  const queries = useQueryClient();
  const read = readLimit(limit);
  const save = useMutation({
    mutationFn: async () =>
      read === null
        ? null
        : api.setOrchestrator(projectId, {
            limits: { monthly_budget_usd: read.limit },
            if_version: orchestrator.version,
          }),
    onSuccess: (now) => {
      if (now === null) return;
      queries.setQueryData(orchestratorQuery(projectId).queryKey, now);
      toast("The project's budget is set.");
    },
  });
  return (
    <form
      className="grid grid-cols-1 gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (read !== null) save.mutate();
      }}
    >
      <TextField
        label="US dollars a month, this project"
        inputMode="decimal"
        value={limit}
        hint="Empty: only the limit of all projects"
        problem={read === null ? "a sum from 0 to 1,000,000" : undefined}
        onText={setLimit}
      />
      <ErrorLine error={save.error} />
      <div>
        <Button type="submit" busy={save.isPending} disabled={read === null || read.limit === present}>
          Set the project’s budget
        </Button>
      </div>
    </form>
  );
};
