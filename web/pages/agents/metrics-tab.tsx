// How an agent does: its figures since it was made, and its model calls day by day.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { durationText, moneyText } from "#client/cli/amounts.ts";
import type { UsageReport } from "#schema/api/usage.ts";
import { countText, shareText } from "../../app/amount-words.ts";
import { byDay, figures } from "../../app/series.ts";
import { SelectField } from "../../ui/field.tsx";
import { LatePlot } from "../../ui/late-plot.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Figure, Figures, Section } from "../../ui/section.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { agentUsageQuery, metricsQuery } from "./queries.ts";

const SPANS = [7, 30, 90] as const;

/** The figures of one agent. */
export const MetricsTab = ({ agentId }: { readonly agentId: string }) => {
  const [days, setDays] = useState(30);
  const { data: metrics, error, refetch } = useQuery(metricsQuery(agentId));
  const usage = useQuery(agentUsageQuery(agentId, days));
  if (metrics === undefined) return <NotYet of={{ error, refetch }} what="figures" />;
  const { succeeded, failed, cancelled, success_rate: rate, latency_ms: latency, tokens } = metrics;
  return (
    <div className="grid grid-cols-1 gap-8">
      <Section title="Since it was made">
        <Figures>
          <Figure label="Runs" note={`${succeeded} well, ${failed} failed, ${cancelled} stopped`}>
            {countText(metrics.runs)}
          </Figure>
          <Figure label="Went well">{rate === null ? "–" : shareText(rate)}</Figure>
          <Figure
            label="Time for a run"
            note={latency.max === null ? undefined : `at most ${durationText(latency.max)}`}
          >
            {latency.mean === null ? "–" : durationText(latency.mean)}
          </Figure>
          <Figure label="Model calls">{countText(metrics.model_calls)}</Figure>
          <Figure label="Tokens" note={`${countText(tokens.input)} in, ${countText(tokens.output)} out`}>
            {countText(tokens.input + tokens.output)}
          </Figure>
          <Figure label="Cost">{moneyText(metrics.cost_usd)}</Figure>
          <Figure label="Last run">
            {metrics.last_run_at === null ? "never" : <TimeAgo at={metrics.last_run_at} />}
          </Figure>
        </Figures>
      </Section>
      <Section
        title="Day by day"
        about="Model calls of this agent, in UTC days. They are counted some seconds after they were answered."
        actions={
          <SelectField label="How far back" value={days} onText={(text) => setDays(Number(text))}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {span} days
              </option>
            ))}
          </SelectField>
        }
      >
        {usage.data === undefined ? (
          <NotYet of={usage} what="days" />
        ) : usage.data.total.calls === 0 ? (
          <EmptyState title="Nothing in these days">Ask it something in a chat; its calls are drawn here.</EmptyState>
        ) : (
          <Plots report={usage.data} />
        )}
      </Section>
    </div>
  );
};

const Plots = ({ report }: { readonly report: UsageReport }) => {
  const [calls, tokens, days] = useMemo(() => {
    const days = byDay(report);
    return [
      [
        {
          label: "Model calls",
          colour: "accent" as const,
          values: figures(days, (item) => item.calls),
          words: countText,
        },
      ],
      [
        {
          label: "Tokens",
          colour: "ok" as const,
          values: figures(days, (item) => item.input_tokens + item.output_tokens),
          words: countText,
        },
      ],
      days.days,
    ];
  }, [report]);
  const { total } = report;
  return (
    <div className="grid grid-cols-1 gap-6 lg:grid-cols-2">
      <LatePlot label={`Model calls by day, ${countText(total.calls)} in all`} days={days} series={calls} />
      <LatePlot
        label={`Tokens by day, ${countText(total.input_tokens + total.output_tokens)} in all`}
        days={days}
        series={tokens}
      />
    </div>
  );
};
