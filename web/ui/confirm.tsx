// A question before something that cannot be undone: what happens, and two buttons. What went wrong stays in the dialog.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { ErrorLine } from "./states.tsx";

/** Asks, does it, and closes when it is done. With `typed`, that word must be typed first. */
export const Confirm = ({
  title,
  act,
  keep = "Cancel",
  typed,
  run,
  onClose,
  children,
}: {
  readonly title: string;
  readonly act: string;
  readonly keep?: string;
  readonly typed?: string;
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => {
  const [word, setWord] = useState("");
  const doing = useMutation({ mutationFn: run, onSuccess: onClose });
  const mayAct = typed === undefined || word.trim() === typed;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button look="ghost" onClick={onClose}>
            {keep}
          </Button>
          <Button look="danger" busy={doing.isPending} disabled={!mayAct} onClick={() => doing.mutate()}>
            {act}
          </Button>
        </>
      }
    >
      <div className="grid gap-3 text-sm text-ink-2">
        {children}
        {typed === undefined ? null : (
          <TextField
            label={`Type ${typed} to go on`}
            value={word}
            autoComplete="off"
            onChange={(event) => setWord(event.target.value)}
          />
        )}
        <ErrorLine error={doing.error} />
      </div>
    </Dialog>
  );
};
