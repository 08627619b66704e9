// Granting a capability: for whom, what it may do, and for how long.
import { useState } from "react";
import { grantCapability } from "#client/sdk/policy.ts";
import { GrantableScope } from "#schema/principal.ts";
import { api } from "../../app/api.ts";
import { CheckField, SelectField, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";

const DAY = 86_400;

/** The dialog. What it may do outside is the server's default: nothing. */
export const NewCapability = ({
  projectId,
  onMade,
  onClose,
}: {
  readonly projectId: string;
  readonly onMade: (token: string) => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const [name, setName] = useState("");
  const [principal, setPrincipal] = useState("service:");
  const [scopes, setScopes] = useState<readonly GrantableScope[]>(["read", "engine"]);
  const [seconds, setSeconds] = useState(String(DAY));
  const isNamed = /^(agent|service):[\w.-]+$/.test(principal.trim());
  return (
    <FormDialog
      title="Grant a capability"
      act="Grant it"
      ready={name.trim() !== "" && scopes.length > 0 && isNamed}
      onClose={onClose}
      run={async () => {
        const { token } = await grantCapability(api.http, projectId, {
          name: name.trim(),
          principal: principal.trim(),
          scopes: [...scopes],
          ttl_seconds: Number(seconds),
        });
        await onMade(token);
      }}
    >
      <TextField label="What it is for" value={name} maxLength={80} placeholder="build engine" onText={setName} />
      <TextField
        label="Who acts with it"
        value={principal}
        maxLength={80}
        hint="service:<name>; it stands on every event it causes"
        onText={setPrincipal}
      />
      <fieldset className="grid grid-cols-1 gap-2">
        <legend className="mb-1.5 text-xs font-medium text-ink-2">What it may do inside this project</legend>
        {GrantableScope.options.map((scope) => (
          <CheckField
            key={scope}
            label={scope}
            checked={scopes.includes(scope)}
            onChange={(event) =>
              setScopes(
                GrantableScope.options.filter((one) => (one === scope ? event.target.checked : scopes.includes(one))),
              )
            }
          />
        ))}
      </fieldset>
      <SelectField label="Ends" value={seconds} onText={setSeconds}>
        <option value={String(3_600)}>in an hour</option>
        <option value={String(DAY)}>in a day</option>
        <option value={String(7 * DAY)}>in 7 days</option>
        <option value={String(90 * DAY)}>in 90 days</option>
      </SelectField>
    </FormDialog>
  );
};
