// What went on in a step, in its order.
import { BookOpen, CircleAlert } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { RichText } from "../../markdown/rich-text.tsx";
import { Fold } from "../../ui/fold.tsx";
import { CallView } from "./call-view.tsx";
import { FoundItem } from "./sources.tsx";
import type { Happening, RunStory, Step } from "./story.ts";

const LookedUp = ({ items, memories }: Extract<Happening, { kind: "looked-up" }>) => {
  const found = `${items.length} thing${items.length === 1 ? "" : "s"} of its context`;
  const known = `${memories} of your memories`;
  const words = [items.length === 0 ? "" : found, memories === 0 ? "" : known].filter(Boolean).join(" and ");
  return (
    <Fold icon={<BookOpen />} head={`Looked up ${words}`}>
      <ol className="grid grid-cols-1 gap-1">
        {items.map((item) => (
          <FoundItem key={item.id} item={item} score={item.score} />
        ))}
      </ol>
    </Fold>
  );
};

const One = ({ run, happening }: { readonly run: RunStory; readonly happening: Happening }) => {
  switch (happening.kind) {
    case "words":
      return <RichText text={happening.text} />;
    case "call": {
      const call = run.calls[happening.callId];
      return call === undefined ? null : <CallView call={call} />;
    }
    case "looked-up":
      return <LookedUp {...happening} />;
    case "failed-model":
      return (
        <p className="flex items-start gap-2 text-xs text-warn">
          <CircleAlert className="size-4 shrink-0" aria-hidden="true" />
          <span className="min-w-0 break-words">
            The model did not answer: {harmlessLine(happening.message)}
            {happening.willRetry ? "; trying again" : ""}
          </span>
        </p>
      );
  }
};

const isShown = (step: Step, happening: Happening): boolean => {
  // What a planner says is the plan, which is shown as one.
  if (happening.kind === "words") return step.kind !== "plan";
  return happening.kind !== "looked-up" || happening.items.length + happening.memories > 0;
};

/** The happenings of a step. */
export const Happenings = ({ run, step }: { readonly run: RunStory; readonly step: Step }) => {
  const shown = step.happenings.filter((happening) => isShown(step, happening));
  if (shown.length === 0) return null;
  return (
    <div className="grid grid-cols-1 min-w-0 gap-2">
      {shown.map((happening, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: happenings are only ever added
        <One key={index} run={run} happening={happening} />
      ))}
    </div>
  );
};
