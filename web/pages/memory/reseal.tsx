// Putting everything that is kept under another passphrase, or under none. A lost one cannot be had back, so it is typed twice.
import { useState } from "react";
import { MemoryCalls } from "#client/sdk/memory.ts";
import { manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { CheckField, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { newPassphraseProblem } from "./new-passphrase.ts";

/** The dialog; the passphrase given so far, if any, goes along. */
export const Reseal = ({
  onDone,
  onClose,
}: {
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}) => {
  const given = memoryPassphrase.now();
  const [none, setNone] = useState(false);
  const [words, setWords] = useState("");
  const [again, setAgain] = useState("");
  const problem = none ? null : newPassphraseProblem(words, again);
  return (
    <FormDialog
      title={given === null ? "Seal everything" : "Another passphrase, or none"}
      act={none ? "Open everything" : "Seal everything"}
      look={none ? "danger" : "primary"}
      ready={problem === null}
      onClose={onClose}
      run={async () => {
        const next = none ? null : words;
        const { resealed } = await new MemoryCalls(api.http, given?.words ?? null).reseal(next);
        if (next === null) memoryPassphrase.forget();
        else memoryPassphrase.give(next);
        await onDone();
        toast(`${manyText(resealed, "memory", "memories")} ${none ? "opened" : "sealed"}.`);
      }}
    >
      <p className="text-sm text-pretty text-ink-2">
        A lost passphrase cannot be had back: what is kept under it can then only be deleted. Retinue does not keep it.
      </p>
      {given === null ? null : (
        <CheckField
          label="Keep everything without a passphrase"
          checked={none}
          onChange={(event) => setNone(event.target.checked)}
        />
      )}
      {none ? null : (
        <>
          <TextField
            label="New passphrase"
            type="password"
            autoComplete="new-password"
            value={words}
            problem={problem?.of === "words" && words !== "" ? problem.what : undefined}
            onText={setWords}
          />
          <TextField
            label="Once more"
            type="password"
            autoComplete="new-password"
            value={again}
            problem={problem?.of === "again" && again !== "" ? problem.what : undefined}
            onText={setAgain}
          />
        </>
      )}
    </FormDialog>
  );
};
