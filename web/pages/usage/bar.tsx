// A budget drawn as a bar, and said in words beside it.
import { moneyText } from "#client/cli/amounts.ts";
import { shareText } from "../../app/amount-words.ts";
import { cx } from "../../ui/class-names.ts";
import { budgetBar } from "./budget-bar.ts";

const COLOUR = { fine: "fill-fill", told: "fill-warn", gone: "fill-danger" } as const;

/** The bar; without a limit, a sentence alone. */
export const Bar = ({
  label,
  limit,
  spent,
  reserved,
  alertAt,
}: {
  readonly label: string;
  readonly limit: number | null;
  readonly spent: number;
  readonly reserved: number;
  readonly alertAt: number | null;
}) => {
  const bar = budgetBar(limit, spent, reserved, alertAt);
  const words =
    limit === null
      ? `${moneyText(spent)} spent this month, without a limit`
      : `${moneyText(spent)} of ${moneyText(limit)} spent this month`;
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <p className="text-sm">
        {words}
        {reserved > 0 ? <span className="text-ink-3">, {moneyText(reserved)} held for calls that are out</span> : null}
      </p>
      {bar === null ? null : (
        <>
          <svg
            role="img"
            aria-label={`${label}: ${words}`}
            viewBox="0 0 100 4"
            preserveAspectRatio="none"
            className="h-2.5 w-full overflow-visible rounded-full"
          >
            <rect width="100" height="4" className="fill-hover" />
            <rect width={bar.spent * 100} height="4" className={COLOUR[bar.state]} />
            <rect
              x={bar.spent * 100}
              width={bar.reserved * 100}
              height="4"
              className={cx(COLOUR[bar.state], "opacity-40")}
            />
            {bar.alertAt === null ? null : (
              <rect x={bar.alertAt * 100 - 0.15} y="-1" width="0.3" height="6" className="fill-ink" />
            )}
          </svg>
          <p
            className={cx(
              "text-xs",
              bar.state === "fine" ? "text-ink-3" : bar.state === "told" ? "text-warn" : "text-danger",
            )}
          >
            {bar.state === "gone"
              ? "It is used up: no model is asked until it is raised or the month ends."
              : bar.alertAt === null
                ? `${shareText(bar.spent)} of it`
                : `${shareText(bar.spent)} of it; you are told at ${shareText(bar.alertAt)}`}
          </p>
        </>
      )}
    </div>
  );
};
