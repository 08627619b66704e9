// What would be done, whole and exactly: nobody can agree to what was shortened, so what is cut at first can be opened.
import { harmless, harmlessLine } from "#client/terminal/harmless.ts";
import { PlanDraft } from "#schema/api/plans.ts";
import { LongText } from "../markdown/long-text.tsx";

/** The steps of a plan that is asked for; null when it is none, or holds more than a plan does. */
export const planIn = (kind: string, args: Readonly<Record<string, unknown>>): PlanDraft | null =>
  kind === "plan" && Object.keys(args).join() === "steps" ? (PlanDraft.safeParse(args).data ?? null) : null;

const PlanSteps = ({ plan: { steps } }: { readonly plan: PlanDraft }) => (
  <ol className="grid grid-cols-1 gap-2">
    {steps.map(({ id, title, agent, instruction, depends_on: dependsOn }) => (
      <li key={id} className="rounded-lg border border-line bg-canvas px-3 py-2">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono text-xs text-ink-3">{harmlessLine(id)}</span>
          <span className="font-medium">{harmlessLine(title)}</span>
          <span className="text-xs text-ink-3">
            {harmlessLine(agent)}
            {dependsOn.length === 0 ? "" : ` · after ${dependsOn.map(harmlessLine).join(", ")}`}
          </span>
        </p>
        {instruction.trim().toLowerCase() === title.trim().toLowerCase() ? null : (
          <p className="mt-1 text-sm break-words whitespace-pre-wrap text-ink-2">{harmless(instruction)}</p>
        )}
      </li>
    ))}
  </ol>
);

/** The arguments of a call, one by one; a plan as its steps. */
export const ArgumentsView = ({
  kind = "tool",
  args,
}: {
  readonly kind?: string;
  readonly args: Readonly<Record<string, unknown>>;
}) => {
  const plan = planIn(kind, args);
  if (plan !== null) return <PlanSteps plan={plan} />;
  return (
    <dl className="grid grid-cols-1 gap-2">
      {Object.entries(args)
        .map(([name, value]) => {
          const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
          return { name, text, isShort: text.length <= 200 && !text.includes("\n") };
        })
        // Where it is about stands before what is long.
        .sort((one, other) => Number(other.isShort) - Number(one.isShort))
        .map(({ name, text, isShort }) => (
          <div key={name} className="grid grid-cols-1 gap-1">
            <dt className="text-xs font-medium text-ink-3">{harmlessLine(name)}</dt>
            <dd>
              {isShort ? (
                <code className="font-mono text-xs break-all">{harmlessLine(text)}</code>
              ) : (
                <LongText text={text} label={name} />
              )}
            </dd>
          </div>
        ))}
    </dl>
  );
};
