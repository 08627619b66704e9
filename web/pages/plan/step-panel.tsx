// A step beside the drawing: what it was asked, how it went, what it said, called and kept.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { durationRange, durationText, moneyRange, moneyText } from "#client/cli/amounts.ts";
import { artifactOf } from "#client/sdk/artifacts.ts";
import { artifactsOf } from "#client/sdk/run-record.ts";
import { harmless, harmlessLine } from "#client/terminal/harmless.ts";
import type { ArtifactEntry } from "#schema/api/runs.ts";
import { api } from "../../app/api.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { RichText } from "../../markdown/rich-text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { PanelPart, SidePanel } from "../../ui/side-panel.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { Happenings } from "../chat/step-view.tsx";
import type { RunStory } from "../chat/story.ts";
import type { Voice } from "../chat/voices.ts";
import type { PlanStep } from "./plan-steps.ts";

const LONG = 12_000;
const MOST_ARTIFACTS = 100;

const TONE: Readonly<Record<PlanStep["status"], Tone>> = {
  draft: "calm",
  pending: "calm",
  running: "accent",
  completed: "ok",
  failed: "danger",
  skipped: "calm",
  cancelled: "calm",
};

const Kept = ({ entry }: { readonly entry: ArtifactEntry }) => {
  const [open, setOpen] = useState(false);
  const { data, error, isFetching } = useQuery({
    queryKey: ["artifact", entry.id],
    queryFn: () => artifactOf(api.http, entry.id),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const name = harmlessLine(entry.name ?? "A tool’s whole result");
  return (
    <li className="grid grid-cols-1 gap-2">
      <p className="flex items-center gap-2 text-sm">
        <span className="min-w-0 flex-1 truncate">{name}</span>
        <span className="text-xs text-ink-3">{entry.bytes.toLocaleString("en")} bytes</span>
        {data === undefined ? (
          <Button size="sm" busy={isFetching} onClick={() => setOpen(true)}>
            Show
          </Button>
        ) : null}
      </p>
      <ErrorLine error={error} />
      {data === undefined ? null : <LongText text={data.content} label={name} />}
    </li>
  );
};

const Artifacts = ({
  projectId,
  run,
  stepId,
  ended,
}: {
  readonly projectId: string;
  readonly run: RunStory;
  readonly stepId: string;
  readonly ended: boolean;
}) => {
  const { data, error } = useQuery({
    queryKey: ["artifacts", projectId, run.id, ended],
    queryFn: () => artifactsOf(api.http, projectId, run.id, { limit: MOST_ARTIFACTS }),
  });
  const calls = new Set(Object.values(run.calls).flatMap(({ id, stepId: of }) => (of === stepId ? [id] : [])));
  const own = data?.items.filter(({ step_id: of, tool_call_id: call }) => of === stepId || calls.has(call ?? "")) ?? [];
  if (error === null && own.length === 0) return null;
  return (
    <PanelPart title="What it kept">
      <ErrorLine error={error} />
      <ul className="grid grid-cols-1 gap-2">
        {own.map((entry) => (
          <Kept key={entry.id} entry={entry} />
        ))}
      </ul>
    </PanelPart>
  );
};

const Figures = ({ shown }: { readonly shown: PlanStep }) => (
  <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-2 gap-y-1 text-xs tabular-nums">
    {shown.expected === null ? null : (
      <>
        <dt className="text-ink-3">Expected</dt>
        <dd>
          {durationRange(shown.expected.duration_ms)} · {moneyRange(shown.expected.cost_usd)}
        </dd>
      </>
    )}
    {shown.costUsd === null ? null : (
      <>
        <dt className="text-ink-3">So far</dt>
        <dd>
          {shown.durationMs === null ? "" : `${durationText(shown.durationMs)} · `}
          {moneyText(shown.costUsd)}
        </dd>
      </>
    )}
  </dl>
);

/** The step. */
export const StepPanel = ({
  projectId,
  run,
  shown,
  voice,
  onClose,
}: {
  readonly projectId: string;
  readonly run: RunStory;
  readonly shown: PlanStep;
  /** What is being said in it right now. */
  readonly voice: Voice | undefined;
  readonly onClose: () => void;
}) => {
  const { step } = shown;
  return (
    <SidePanel label={harmlessLine(shown.title)} onClose={onClose}>
      <div className="grid grid-cols-1 gap-2 px-4 py-3">
        <p className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
          <Badge tone={TONE[shown.status]}>{shown.status}</Badge>
          <span>
            {shown.id} · {harmlessLine(shown.agent)}
            {shown.dependsOn.length === 0 ? "" : ` · after ${shown.dependsOn.map(harmlessLine).join(", ")}`}
          </span>
        </p>
        <Figures shown={shown} />
        {shown.problems.map((problem) => (
          <p key={problem} className="rounded-md bg-danger-soft px-3 py-2 text-sm break-words text-danger">
            {harmlessLine(problem)}
          </p>
        ))}
      </div>
      {shown.instruction === "" ? null : (
        <PanelPart title="What it was asked">
          <p className="text-sm break-words whitespace-pre-wrap text-ink-2">{harmless(shown.instruction)}</p>
        </PanelPart>
      )}
      {step === null ? null : (
        <>
          <PanelPart title="What it did">
            <Happenings run={run} step={step} />
            {voice === undefined ? null : (
              <div data-answer="streaming">
                <RichText text={voice.text} />
              </div>
            )}
            {step.happenings.length === 0 && voice === undefined ? (
              <p className="text-xs text-ink-3">
                {step.status === "running"
                  ? "It has begun; nothing was said or done yet."
                  : "Nothing has happened here yet."}
              </p>
            ) : null}
          </PanelPart>
          {step.output === null ? null : (
            <PanelPart title="What came of it">
              {step.output.length > LONG ? (
                <LongText text={step.output} label="Result of the step" />
              ) : (
                <RichText text={step.output} />
              )}
            </PanelPart>
          )}
          <Artifacts projectId={projectId} run={run} stepId={step.id} ended={step.durationMs !== null} />
        </>
      )}
    </SidePanel>
  );
};
