// What all projects together may spend in a month, and from which part of it on that is told.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Budget } from "#schema/api/budget.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Bar } from "./bar.tsx";
import { readLimit } from "./budget-bar.ts";
import { budgetQuery } from "./queries.ts";

const ALERTS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;
const RESETS = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" });

/** The account's budget. */
export const AccountBudget = () => {
  const { data, error, refetch } = useQuery(budgetQuery);
  return (
    <Section
      title="All projects"
      about={
        data === undefined
          ? undefined
          : `The budget of ${data.month}; it begins anew on ${RESETS.format(new Date(data.resets_at))}.`
      }
    >
      {data === undefined ? (
        <NotYet of={{ error, refetch }} what="the budget" count={2} />
      ) : (
        <Form key={`${data.monthly_budget_usd} ${data.alert_at}`} budget={data} />
      )}
    </Section>
  );
};

const Form = ({ budget }: { readonly budget: Budget }) => {
  const [limit, setLimit] = useState(budget.monthly_budget_usd === null ? "" : String(budget.monthly_budget_usd));
  const [alertAt, setAlertAt] = useState(budget.alert_at);
  const queries = useQueryClient();
  const read = readLimit(limit);
  const save = useMutation({
    mutationFn: async () =>
      read === null ? null : api.setBudget({ monthly_budget_usd: read.limit, alert_at: alertAt }),
    onSuccess: (now) => {
      if (now === null) return;
      queries.setQueryData(budgetQuery.queryKey, now);
      toast("The budget is set.");
    },
  });
  const isChanged = read === null || read.limit !== budget.monthly_budget_usd || alertAt !== budget.alert_at;
  const alerts = [...new Set([...ALERTS, budget.alert_at])].sort();
  return (
    <>
      <Bar
        label="Budget of all projects"
        limit={budget.monthly_budget_usd}
        spent={budget.spent_usd}
        reserved={budget.reserved_usd}
        alertAt={budget.alert_at}
      />
      <form
        className="grid grid-cols-1 items-start gap-3 sm:grid-cols-[minmax(0,1fr)_8rem]"
        onSubmit={(event) => {
          event.preventDefault();
          if (read !== null) save.mutate();
        }}
      >
        <TextField
          label="US dollars a month"
          inputMode="decimal"
          value={limit}
          hint="Empty: no limit"
          problem={read === null ? "a sum from 0 to 1,000,000" : undefined}
          onText={setLimit}
        />
        <SelectField label="Tell me at" value={alertAt} onText={(text) => setAlertAt(Number(text))}>
          {alerts.map((part) => (
            <option key={part} value={part}>
              {Math.round(part * 100)} %
            </option>
          ))}
        </SelectField>
        <ErrorLine error={save.error} />
        <div className="sm:col-span-2">
          <Button type="submit" busy={save.isPending} disabled={!isChanged || read === null}>
            Set the budget
          </Button>
        </div>
      </form>
    </>
  );
};
