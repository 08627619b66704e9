// What a plan that waits for a yes is expected to take: nobody agrees to a price they have not seen.
import { useQuery } from "@tanstack/react-query";
import { estimateText } from "#client/cli/estimate-text.ts";
import { askedPlanQuery } from "../data/queries.ts";

/** The estimate, in a sentence. */
export const PlanEstimate = ({
  projectId,
  runId,
  approvalId,
}: {
  readonly projectId: string;
  readonly runId: string;
  readonly approvalId: string;
}) => {
  const { data, isError } = useQuery(askedPlanQuery(projectId, runId, approvalId));
  return (
    <p className="text-sm tabular-nums" data-plan-estimate>
      {data === undefined
        ? isError
          ? "What it is expected to take could not be loaded."
          : "What it is expected to take…"
        : estimateText(data.estimate)}
    </p>
  );
};
