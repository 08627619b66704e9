// What a run took, and what can be done with it.
import { Link, useParams } from "@tanstack/react-router";
import { GitFork, Microscope, RotateCw } from "lucide-react";
import { durationText, moneyText } from "#client/cli/amounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { manyText } from "../../app/amount-words.ts";
import { ICON_BUTTON, IconButton } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import { isGoing, type RunStory } from "./story.ts";
import type { TurnActions } from "./turn-actions.ts";

/** Time, money, tokens and model; null when no model was asked. */
const tookText = ({ took, steps }: RunStory): string | null => {
  if (took.modelCalls === 0) return null;
  const tokens = took.inputTokens + took.outputTokens;
  return [
    ...(took.durationMs === null ? [] : [durationText(took.durationMs)]),
    took.costUsd === null ? "price not known" : moneyText(took.costUsd),
    `${tokens.toLocaleString("en")} tokens`,
    ...(steps.length > 1 ? [manyText(took.modelCalls, "model call")] : []),
    took.models.map(harmlessLine).join(", "),
  ].join(" · ");
};

/** Of a double click the second one asks for nothing: it would be paid for twice. From the keyboard every press is a first. */
const isFirst = (clicks: number): boolean => clicks < 2;

/** The foot; nothing while the run goes on. */
export const RunFoot = ({ run, actions }: { readonly run: RunStory; readonly actions: TurnActions }) => {
  const { projectId = "" } = useParams({ strict: false });
  if (isGoing(run)) return null;
  const took = tookText(run);
  const asked = run.request?.content ?? null;
  // Not every agent that is called is named in the words: a program or a schedule names it beside them.
  const askedAgent = run.mode === "direct" ? run.agent : null;
  return (
    <footer className="-ml-1.5 flex flex-wrap items-center gap-x-1 text-xs text-ink-3">
      {run.answer?.content ? <CopyButton text={run.answer.content} label="Copy the answer" /> : null}
      {asked === null ? null : (
        <IconButton label="Ask again" onClick={({ detail }) => isFirst(detail) && actions.again(asked, askedAgent)}>
          <RotateCw />
        </IconButton>
      )}
      <IconButton label="Fork from here" onClick={({ detail }) => isFirst(detail) && actions.forkAt(run.lastSeq)}>
        <GitFork />
      </IconButton>
      <Tooltip text="Inspect">
        <Link
          to="/p/$projectId/inspector/$runId"
          params={{ projectId, runId: run.id }}
          aria-label="Inspect this answer"
          className={ICON_BUTTON}
        >
          <Microscope />
        </Link>
      </Tooltip>
      {took === null ? null : <span className="pl-1.5 tabular-nums">{took}</span>}
    </footer>
  );
};
