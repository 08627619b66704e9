// Writing a memory by hand: a core block, which every agent is told, or something about somebody, recalled where it matters.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { MemoryCalls } from "#client/sdk/memory.ts";
import { MEMORY_LIMITS } from "#schema/memory.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";

interface Shape {
  readonly calls: MemoryCalls;
  readonly onDone: () => Promise<unknown>;
}

const Form = ({
  columns,
  ready,
  write,
  onWritten,
  children,
}: {
  readonly columns: string;
  readonly ready: boolean;
  readonly write: () => Promise<unknown>;
  readonly onWritten: () => Promise<unknown>;
  readonly children: ReactNode;
}) => {
  const writing = useMutation({ mutationFn: write, gcTime: 0, onSuccess: onWritten });
  return (
    <form
      className={`grid grid-cols-1 items-end gap-2 ${columns}`}
      onSubmit={(event) => {
        event.preventDefault();
        writing.mutate();
      }}
    >
      {children}
      <Button type="submit" className="h-9" busy={writing.isPending} disabled={!ready}>
        Keep it
      </Button>
      <div className="col-span-full empty:hidden">
        <ErrorLine error={writing.error} />
      </div>
    </form>
  );
};

/** A core block; a name that is there already gets the new value. */
export const WriteCore = ({ calls, onDone }: Shape) => {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  return (
    <Form
      columns="sm:grid-cols-[10rem_minmax(0,1fr)_auto]"
      ready={key.trim() !== "" && value.trim() !== ""}
      write={() => calls.setCore(key.trim(), value.trim())}
      onWritten={async () => {
        await onDone();
        setKey("");
        setValue("");
        toast("Kept. Every agent is told from now on.");
      }}
    >
      <TextField
        label="Name of the block"
        value={key}
        maxLength={MEMORY_LIMITS.keyLength}
        placeholder="language"
        onText={setKey}
      />
      <TextField
        label="What to know"
        value={value}
        maxLength={MEMORY_LIMITS.valueLength}
        placeholder="Answer in German"
        onText={setValue}
      />
    </Form>
  );
};

/** Something about somebody or something. */
export const WriteAbout = ({ calls, onDone }: Shape) => {
  const [kind, setKind] = useState("");
  const [who, setWho] = useState("");
  const [text, setText] = useState("");
  return (
    <Form
      columns="sm:grid-cols-[8rem_8rem_minmax(0,1fr)_auto]"
      ready={kind.trim() !== "" && who.trim() !== "" && text.trim() !== ""}
      write={() =>
        calls.writeAssociative({ entity_type: kind.trim(), entity_id: who.trim(), text: text.trim(), metadata: {} })
      }
      onWritten={async () => {
        await onDone();
        setText("");
        toast("Kept. It is recalled where it bears on a question.");
      }}
    >
      <TextField label="Kind" value={kind} maxLength={60} placeholder="pet" onText={setKind} />
      <TextField label="Who or what" value={who} maxLength={200} placeholder="Rex" onText={setWho} />
      <TextField
        label="What to know about it"
        value={text}
        maxLength={MEMORY_LIMITS.textLength}
        placeholder="Rex is my dog, and afraid of thunder"
        onText={setText}
      />
    </Form>
  );
};
