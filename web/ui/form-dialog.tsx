// A dialog that does one thing when its button is pressed: fields or a sentence, the harmless way out, and what went wrong. It
// closes when the thing is done, and stays with every word in it when it is not.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorLine } from "./states.tsx";

interface Shape {
  readonly title: string;
  /** What the button that does it says. */
  readonly act: string;
  /** What the way out says. */
  readonly keep?: string;
  readonly look?: "primary" | "danger";
  /** False while something is missing. */
  readonly ready?: boolean;
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The dialog. */
export const FormDialog = ({
  title,
  act,
  keep = "Cancel",
  look = "primary",
  ready = true,
  run,
  onClose,
  children,
}: Shape) => {
  const id = useId();
  // What was done may have brought a secret; nothing of it stays in the memory of mutations.
  const doing = useMutation({ mutationFn: run, gcTime: 0, onSuccess: onClose });
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
          <Button look={look} type="submit" form={id} busy={doing.isPending} disabled={!ready}>
            {act}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !doing.isPending) doing.mutate();
        }}
      >
        {children}
        <ErrorLine error={doing.error} />
      </form>
    </Dialog>
  );
};

/** A question before something that cannot be undone: what happens, and two buttons. */
export const Confirm = ({ children, ...shape }: Omit<Shape, "look" | "ready">) => (
  <FormDialog look="danger" {...shape}>
    <div className="text-sm text-ink-2">{children}</div>
  </FormDialog>
);
