// A question before something that cannot be undone: what happens, and two buttons. What went wrong stays in the dialog.
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorLine } from "./states.tsx";

/** Asks, does it, and closes when it is done. */
export const Confirm = ({
  title,
  act,
  keep = "Cancel",
  run,
  onClose,
  children,
}: {
  readonly title: string;
  readonly act: string;
  readonly keep?: string;
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => {
  const doing = useMutation({ mutationFn: run, onSuccess: onClose });
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
          <Button look="danger" busy={doing.isPending} onClick={() => doing.mutate()}>
            {act}
          </Button>
        </>
      }
    >
      <div className="grid gap-3 text-sm text-ink-2">
        {children}
        <ErrorLine error={doing.error} />
      </div>
    </Dialog>
  );
};
