// Writing a core block by hand: what every agent is to know.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { MemoryCalls } from "#client/sdk/memory.ts";
import { MEMORY_LIMITS } from "#schema/memory.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";

/** The form; a key that is there already gets the new value. */
export const WriteCore = ({
  calls,
  onDone,
}: {
  readonly calls: MemoryCalls;
  readonly onDone: () => Promise<unknown>;
}) => {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const write = useMutation({
    mutationFn: () => calls.setCore(key.trim(), value.trim()),
    onSuccess: async () => {
      await onDone();
      setKey("");
      setValue("");
      toast("Kept. Every agent is told from now on.");
    },
  });
  return (
    <form
      className="grid grid-cols-1 items-end gap-2 sm:grid-cols-[10rem_minmax(0,1fr)_auto]"
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate();
      }}
    >
      <TextField
        label="Name of the block"
        value={key}
        maxLength={MEMORY_LIMITS.keyLength}
        placeholder="language"
        onChange={(event) => setKey(event.target.value)}
      />
      <TextField
        label="What to know"
        value={value}
        maxLength={MEMORY_LIMITS.valueLength}
        placeholder="Answer in German"
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" className="h-9" busy={write.isPending} disabled={key.trim() === "" || value.trim() === ""}>
        Keep it
      </Button>
      <ErrorLine error={write.error} />
    </form>
  );
};
