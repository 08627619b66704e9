// Every field of an agent, checked by the contract before it is sent. A change is refused when somebody else made one meanwhile.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type AgentConfig, ModelTier, ToolName } from "#schema/api/agents.ts";
import { Button } from "../../ui/button.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { type AgentDraft, type DraftProblems, readDraft, TOOL_WORDS } from "./agent-draft.ts";

const TIER_WORDS: Readonly<Record<ModelTier, string>> = {
  auto: "Automatic: fast or smart, by how demanding the request looks",
  fast: "Fast",
  smart: "Smart",
  "local-fast": "Local, fast",
  "local-smart": "Local, smart",
  "cloud-smart": "Cloud, smart",
};

const Group = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <fieldset className="grid grid-cols-1 gap-4 rounded-lg border border-line p-4">
    <legend className="px-1.5 text-sm font-semibold">{title}</legend>
    {children}
  </fieldset>
);

/** The form; `save` gets a configuration that fits the contract. */
export const AgentForm = ({
  initial,
  act,
  save,
}: {
  readonly initial: AgentDraft;
  readonly act: string;
  readonly save: (config: AgentConfig) => Promise<unknown>;
}) => {
  const [draft, setDraft] = useState(initial);
  const [problems, setProblems] = useState<DraftProblems>({});
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: save,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["agents"] }),
  });
  const change = (part: Partial<AgentDraft>) => setDraft((now) => ({ ...now, ...part }));
  const text = (
    field:
      | "name"
      | "description"
      | "model"
      | "temperature"
      | "maxTokens"
      | "concurrency"
      | "iterations"
      | "timeoutSeconds",
  ) => ({
    value: draft[field],
    problem: problems[field],
    onText: (typed: string) => change({ [field]: typed }),
  });
  const isChanged = JSON.stringify(draft) !== JSON.stringify(initial);
  return (
    <form
      noValidate
      className="grid grid-cols-1 gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        const read = readDraft(draft);
        setProblems(read.ok ? {} : read.problems);
        if (read.ok) saving.mutate(read.config);
      }}
    >
      <Group title="Who it is">
        <TextField
          label="Name"
          {...text("name")}
          maxLength={41}
          autoComplete="off"
          placeholder="Reviewer"
          hint="Called as @name in a chat"
        />
        <TextField
          label="Description"
          {...text("description")}
          maxLength={500}
          placeholder="What it is good at; colleagues and the orchestrator read this"
        />
        <TextArea
          label="Prompt"
          rows={10}
          value={draft.systemPrompt}
          problem={problems.systemPrompt}
          className="font-mono text-xs"
          placeholder="You are a careful reviewer. …"
          onText={(text) => change({ systemPrompt: text })}
        />
      </Group>
      <Group title="Model">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <SelectField
            label="Kind"
            value={draft.tier}
            problem={problems.tier}
            onText={(text) => change({ tier: text })}
          >
            {ModelTier.options.map((tier) => (
              <option key={tier} value={tier}>
                {TIER_WORDS[tier]}
              </option>
            ))}
          </SelectField>
          <TextField
            label="An exact model instead"
            {...text("model")}
            placeholder="provider/name"
            hint="Empty: the kind's own"
          />
          <TextField
            label="Temperature"
            {...text("temperature")}
            inputMode="decimal"
            hint="0 to 2; empty: the model's own"
          />
          <TextField
            label="Longest answer, in tokens"
            {...text("maxTokens")}
            inputMode="numeric"
            hint="Empty: the server's limit"
          />
        </div>
        <CheckField
          label="An identical request may be answered from memory"
          checked={draft.cache}
          onChange={(event) => change({ cache: event.target.checked })}
        />
      </Group>
      <Group title="Tools">
        <p className="text-sm text-ink-2">What it may ask for. Policy still decides about each call.</p>
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          {ToolName.options.map((tool) => (
            <CheckField
              key={tool}
              label={tool}
              hint={TOOL_WORDS[tool]}
              checked={draft.tools.includes(tool)}
              onChange={(event) =>
                change({
                  tools: ToolName.options.filter((one) =>
                    one === tool ? event.target.checked : draft.tools.includes(one),
                  ),
                })
              }
            />
          ))}
        </div>
        <CheckField
          label="Ask me before every tool call, reading too"
          checked={draft.approvalRequired}
          onChange={(event) => change({ approvalRequired: event.target.checked })}
        />
      </Group>
      <Group title="Limits">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
          <TextField label="Turns at once" {...text("concurrency")} inputMode="numeric" hint="1 to 16" />
          <TextField label="Model calls in a turn" {...text("iterations")} inputMode="numeric" hint="1 to 50" />
          <TextField
            label="Seconds for a turn"
            {...text("timeoutSeconds")}
            inputMode="numeric"
            hint="1 to 3600; waiting for you does not count"
          />
        </div>
      </Group>
      {Object.keys(problems).length > 0 ? (
        <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
          Some fields do not fit yet; what is wrong stands below each.
        </p>
      ) : null}
      <ErrorLine error={saving.error} />
      <div className="sticky bottom-0 -mx-1 flex items-center justify-end gap-2 border-t border-line bg-canvas px-1 py-3">
        {isChanged ? <span className="mr-auto text-xs text-ink-3">Not saved yet</span> : null}
        <Button
          look="ghost"
          disabled={!isChanged}
          onClick={() => {
            setDraft(initial);
            setProblems({});
          }}
        >
          Undo changes
        </Button>
        <Button look="primary" type="submit" busy={saving.isPending} disabled={!isChanged}>
          {act}
        </Button>
      </div>
    </form>
  );
};
