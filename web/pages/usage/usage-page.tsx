// What the models took, and what a month may cost: the account's budget, the project's, and where the money and the tokens went.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { moneyText } from "#client/cli/amounts.ts";
import type { UsageReport } from "#schema/api/usage.ts";
import { countText } from "../../app/amount-words.ts";
import { byDay, figures } from "../../app/series.ts";
import { SelectField } from "../../ui/field.tsx";
import { LatePlot } from "../../ui/late-plot.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Page } from "../../ui/page.tsx";
import { Figure, Figures, Section } from "../../ui/section.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { AccountBudget } from "./account-budget.tsx";
import { ProjectBudget } from "./project-budget.tsx";
import { usageQuery } from "./queries.ts";
import { Shares } from "./shares.tsx";

const SPANS = [7, 30, 90, 365] as const;

/** The page. */
export const UsagePage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const [days, setDays] = useState(30);
  const [of, setOf] = useState("project");
  const scope = of === "project" ? projectId : undefined;
  const { data, error, refetch } = useQuery(usageQuery("day", days, scope));
  return (
    <Page title="Usage & budget">
      <div className="grid grid-cols-1 gap-10">
        <div className="grid grid-cols-1 gap-8 lg:grid-cols-2">
          <AccountBudget />
          <ProjectBudget projectId={projectId} />
        </div>
        <Section
          title="What the models took"
          about="In UTC days. A call is counted some seconds after it was answered."
          actions={
            <>
              <SelectField label="Of" value={of} onText={setOf}>
                <option value="project">This project</option>
                <option value="all">All projects</option>
              </SelectField>
              <SelectField label="How far back" value={days} onText={(text) => setDays(Number(text))}>
                {SPANS.map((span) => (
                  <option key={span} value={span}>
                    {span} days
                  </option>
                ))}
              </SelectField>
            </>
          }
        >
          {data === undefined ? (
            <NotYet of={{ error, refetch }} what="usage" />
          ) : data.total.calls === 0 ? (
            <EmptyState title="No model was asked in these days">
              Ask something in a chat; its calls are drawn here.
            </EmptyState>
          ) : (
            <>
              <Days report={data} />
              <div className="mt-4 grid grid-cols-1 gap-8 lg:grid-cols-2">
                <Shares group="agent" days={days} projectId={scope} />
                <Shares group="model" days={days} projectId={scope} />
              </div>
            </>
          )}
        </Section>
      </div>
    </Page>
  );
};

const Days = ({ report }: { readonly report: UsageReport }) => {
  const drawn = useMemo(() => {
    const days = byDay(report);
    return {
      days: days.days,
      // Where nothing has a price, its plot would be an empty one.
      spent:
        report.total.cost_usd > 0
          ? [
              {
                label: "Cost",
                colour: "accent" as const,
                values: figures(days, (item) => item.cost_usd),
                words: moneyText,
              },
            ]
          : [
              {
                label: "Calls",
                colour: "accent" as const,
                values: figures(days, (item) => item.calls),
                words: countText,
              },
            ],
      tokens: [
        {
          label: "Tokens",
          colour: "ok" as const,
          values: figures(days, (item) => item.input_tokens + item.output_tokens),
          words: countText,
        },
      ],
    };
  }, [report]);
  const { total } = report;
  return (
    <>
      <Figures>
        <Figure
          label="Cost"
          note={
            total.unpriced_calls === 0 ? undefined : `without ${countText(total.unpriced_calls)} calls of unknown price`
          }
        >
          {moneyText(total.cost_usd)}
        </Figure>
        <Figure label="Model calls">{countText(total.calls)}</Figure>
        <Figure label="Tokens in">{countText(total.input_tokens)}</Figure>
        <Figure label="Tokens out">{countText(total.output_tokens)}</Figure>
      </Figures>
      <div className="mt-2 grid grid-cols-1 gap-6 lg:grid-cols-2">
        <LatePlot
          label={
            total.cost_usd > 0
              ? `Cost by day, ${moneyText(total.cost_usd)} in all`
              : `Model calls by day, ${countText(total.calls)} in all`
          }
          days={drawn.days}
          series={drawn.spent}
        />
        <LatePlot
          label={`Tokens by day, ${countText(total.input_tokens + total.output_tokens)} in all`}
          days={drawn.days}
          series={drawn.tokens}
        />
      </div>
    </>
  );
};
