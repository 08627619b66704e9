// A step while it is changed: what is asked, of whom, and what it waits for.
import { Trash2 } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { PlanStepDraft } from "#schema/api/plans.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { SidePanel } from "../../ui/side-panel.tsx";
import { dependantsOf } from "./draft.ts";

/** The form. */
export const EditPanel = ({
  steps,
  step,
  agents,
  problems,
  onChange,
  onRemove,
  onClose,
}: {
  readonly steps: readonly PlanStepDraft[];
  readonly step: PlanStepDraft;
  readonly agents: readonly string[];
  readonly problems: readonly string[];
  readonly onChange: (change: Partial<Omit<PlanStepDraft, "id">>) => void;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}) => {
  // What waits for this one cannot be waited for.
  const later = dependantsOf(steps, step.id);
  const choices = steps.filter((one) => one.id !== step.id && (!later.has(one.id) || step.depends_on.includes(one.id)));
  const known = agents.some((name) => name.toLowerCase() === step.agent.toLowerCase());
  return (
    <SidePanel label={`Change ${harmlessLine(step.id)}`} onClose={onClose}>
      <form className="grid grid-cols-1 gap-4 px-4 py-4" onSubmit={(event) => event.preventDefault()}>
        {problems.length === 0 ? null : (
          <ul role="alert" className="grid gap-1 rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
            {problems.map((problem) => (
              <li key={problem}>{harmlessLine(problem)}</li>
            ))}
          </ul>
        )}
        <TextField label="Title" value={step.title} maxLength={200} onText={(text) => onChange({ title: text })} />
        <SelectField
          label="Agent"
          value={agents.find((name) => name.toLowerCase() === step.agent.toLowerCase()) ?? step.agent}
          onText={(text) => onChange({ agent: text })}
        >
          {known ? null : <option value={step.agent}>{harmlessLine(step.agent)}</option>}
          {agents.map((name) => (
            <option key={name} value={name}>
              {harmlessLine(name)}
            </option>
          ))}
        </SelectField>
        <TextArea
          label="What it is asked to do"
          rows={7}
          value={step.instruction}
          maxLength={8_000}
          onText={(text) => onChange({ instruction: text })}
        />
        <fieldset className="grid grid-cols-1 gap-1">
          <legend className="mb-1 text-xs font-medium text-ink-2">Waits for</legend>
          {choices.length === 0 ? <p className="text-xs text-ink-3">Every other step waits for this one.</p> : null}
          <div className="grid max-h-56 grid-cols-1 gap-0.5 overflow-y-auto">
            {choices.map((one) => (
              <label key={one.id} className="flex items-center gap-2 rounded-md px-1.5 py-1 text-sm hover:bg-hover">
                <input
                  type="checkbox"
                  className="accent-fill"
                  checked={step.depends_on.includes(one.id)}
                  onChange={(event) =>
                    onChange({
                      depends_on: event.target.checked
                        ? [...step.depends_on, one.id]
                        : step.depends_on.filter((on) => on !== one.id),
                    })
                  }
                />
                <span className="min-w-0 truncate">
                  <span className="font-mono text-xs text-ink-3">{harmlessLine(one.id)}</span> {harmlessLine(one.title)}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <Button look="danger" icon={<Trash2 className="size-3.5" />} onClick={onRemove} className="justify-self-start">
          Remove this step
        </Button>
      </form>
    </SidePanel>
  );
};
