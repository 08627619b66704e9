// A new API key: what it is for, what it may do, and how long. Nothing is chosen beforehand but reading.
import { useState } from "react";
import { keys } from "#client/sdk/accounts.ts";
import { ALL_SCOPES, type Scope } from "#schema/principal.ts";
import { api } from "../../app/api.ts";
import { CheckField, SelectField, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";

const WORDS: Readonly<Record<Scope, string>> = {
  read: "See everything of yours",
  chat: "Say something, begin runs",
  approve: "Answer approvals in your name",
  device: "Connect a folder",
  manage: "Change agents, rules and budgets",
  account: "Manage keys and the account itself",
  engine: "Carry out runs as an engine",
};
const RISKY: readonly Scope[] = ["approve", "manage", "account"];

/** The dialog. */
export const NewKey = ({
  onMade,
  onClose,
}: {
  readonly onMade: (secret: string) => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["read"]);
  const [days, setDays] = useState("90");
  return (
    <FormDialog
      title="New API key"
      act="Make it"
      ready={name.trim() !== "" && scopes.length > 0}
      onClose={onClose}
      run={async () => {
        const { key } = await keys.create(api.http, {
          name: name.trim(),
          scopes: [...scopes],
          ...(days === "" ? {} : { expires_in_days: Number(days) }),
        });
        await onMade(key);
      }}
    >
      <TextField label="What it is for" value={name} maxLength={80} placeholder="nightly report" onText={setName} />
      <fieldset className="grid grid-cols-1 gap-2">
        <legend className="mb-1.5 text-xs font-medium text-ink-2">What it may do</legend>
        {ALL_SCOPES.map((scope) => (
          <CheckField
            key={scope}
            label={scope}
            hint={RISKY.includes(scope) ? `${WORDS[scope]}; give it only to what you trust as yourself` : WORDS[scope]}
            checked={scopes.includes(scope)}
            onChange={(event) =>
              setScopes(ALL_SCOPES.filter((one) => (one === scope ? event.target.checked : scopes.includes(one))))
            }
          />
        ))}
      </fieldset>
      <SelectField label="Ends" value={days} onText={setDays}>
        <option value="7">in 7 days</option>
        <option value="30">in 30 days</option>
        <option value="90">in 90 days</option>
        <option value="365">in a year</option>
        <option value="">never</option>
      </SelectField>
    </FormDialog>
  );
};
