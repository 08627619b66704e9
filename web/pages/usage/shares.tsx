// Who and what took how much: a table by agent or by model, each with a bar of its part.
import { useQuery } from "@tanstack/react-query";
import { moneyText } from "#client/cli/amounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { countText } from "../../app/amount-words.ts";
import { NotYet } from "../../ui/not-yet.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { usageQuery } from "./queries.ts";

const MOST = 50;

/** The table. */
export const Shares = ({
  group,
  days,
  projectId,
}: {
  readonly group: "agent" | "model";
  readonly days: number;
  readonly projectId: string | undefined;
}) => {
  const { data, error, refetch } = useQuery(usageQuery(group, days, projectId));
  if (data === undefined) return <NotYet of={{ error, refetch }} what={`usage by ${group}`} />;
  // Where nothing has a price the tokens tell who took what.
  const weigh = (item: (typeof data.items)[number]) =>
    data.total.cost_usd > 0 ? item.cost_usd : item.input_tokens + item.output_tokens;
  const all = data.items.reduce((sum, item) => sum + weigh(item), 0);
  const heading = group === "agent" ? "Agent" : "Model";
  return (
    <div className="grid grid-cols-1 content-start gap-2">
      <h3 className="text-sm font-semibold">By {group}</h3>
      <Table label={`Usage by ${group}`} head={[heading, "Calls", "Tokens", "Cost"]}>
        {data.items.slice(0, MOST).map((item) => {
          const name = group === "agent" ? (item.agent?.name ?? "") : (item.model ?? "");
          return (
            <Row key={group === "agent" ? item.agent?.id : item.model}>
              <Cell className="min-w-40">
                <span className="[overflow-wrap:anywhere]">{harmlessLine(name)}</span>
                <svg aria-hidden="true" viewBox="0 0 100 3" preserveAspectRatio="none" className="mt-1 h-1 w-full">
                  <rect width="100" height="3" className="fill-hover" />
                  <rect width={all === 0 ? 0 : (weigh(item) / all) * 100} height="3" className="fill-fill" />
                </svg>
              </Cell>
              <Cell className="tabular-nums">{countText(item.calls)}</Cell>
              <Cell className="tabular-nums">{countText(item.input_tokens + item.output_tokens)}</Cell>
              <Cell className="tabular-nums">
                {item.unpriced_calls === item.calls ? (
                  <span className="text-ink-3">no price</span>
                ) : (
                  moneyText(item.cost_usd)
                )}
              </Cell>
            </Row>
          );
        })}
      </Table>
      {data.items.length > MOST ? (
        <p className="text-xs text-ink-3">
          The dearest {MOST} of {data.items.length}.
        </p>
      ) : null}
    </div>
  );
};
