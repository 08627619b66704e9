// A step in the drawing.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { CircleAlert, PenLine } from "lucide-react";
import { memo } from "react";
import { durationRange, durationText, moneyRange, moneyText } from "#client/cli/amounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { cx } from "../../ui/class-names.ts";
import { STEP_MARK } from "../chat/step-mark.tsx";
import type { PlanStep } from "./plan-steps.ts";

/** What a node is given. */
export type StepNodeData = {
  readonly step: PlanStep;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
};
/** A node of the drawing. */
export type StepNode = Node<StepNodeData, "step">;

/** Every node has the same size, so none has to be measured. */
export const NODE = { width: 224, height: 88 } as const;

const MARK = { ...STEP_MARK, draft: <PenLine className="text-ink-3" aria-hidden="true" /> } as const;

const EDGE: Readonly<Record<PlanStep["status"], string>> = {
  draft: "border-line-strong",
  pending: "border-line-strong",
  running: "border-accent",
  completed: "border-ok/60",
  failed: "border-danger",
  skipped: "border-line border-dashed",
  cancelled: "border-line border-dashed",
};

/** What it took, or is expected to take. */
const tookOf = ({ status, durationMs, costUsd, expected, tries }: PlanStep): string => {
  if (durationMs !== null) return `${durationText(durationMs)} · ${moneyText(costUsd ?? 0)}`;
  if (status === "running") return tries > 1 ? `try ${tries}` : "working";
  if (expected === null) return status === "draft" ? "" : status;
  return `about ${durationRange(expected.duration_ms)} · ${moneyRange(expected.cost_usd)}`;
};

/** The node. */
export const StepNodeView = memo(({ data: { step, chosen, onChoose } }: NodeProps<StepNode>) => {
  const isBad = step.status === "draft" && step.problems.length > 0;
  const state = isBad ? "has a problem" : step.status;
  const title = harmlessLine(step.title);
  const who = `${step.id} · ${harmlessLine(step.agent)}`;
  const took = tookOf(step);
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <button
        type="button"
        data-plan-step={step.id}
        data-status={step.status}
        aria-pressed={chosen}
        // From afar none of its words are shown (plan-graph.css), and this is its name.
        title={`${state}: ${title}\n${who}${took === "" ? "" : `\n${took}`}`}
        onClick={() => onChoose(step.id)}
        className={cx(
          "nodrag nopan pointer-events-auto grid h-full w-full grid-cols-1 rounded-lg border bg-raised px-3 py-2 text-left text-ink hover:bg-hover",
          isBad ? "border-danger" : EDGE[step.status],
          chosen && "ring-2 ring-accent",
        )}
      >
        <span data-words className="grid min-h-0 grid-cols-1 content-between">
          <span className="flex min-w-0 items-start gap-2 text-sm leading-4 font-medium [&_svg]:size-4 [&_svg]:shrink-0">
            {isBad ? <CircleAlert className="text-danger" aria-hidden="true" /> : MARK[step.status]}
            <span className="line-clamp-2 min-w-0 break-words">
              <span className="sr-only">{state}: </span>
              {title}
            </span>
          </span>
          <span className="grid grid-cols-1 text-2xs leading-4 text-ink-3">
            <span className="truncate">{who}</span>
            <span className="truncate tabular-nums">{took}</span>
          </span>
        </span>
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
});
