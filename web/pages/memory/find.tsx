// Searching what is known, as agents do.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { MemoryCalls } from "#client/sdk/memory.ts";
import type { Memory } from "#schema/api/memory.ts";
import { manyText } from "../../app/amount-words.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { MemoryCard } from "./memory-card.tsx";

/** The question, and what is found. */
export const Find = ({
  calls,
  onRemove,
}: {
  readonly calls: MemoryCalls;
  readonly onRemove: (memory: Memory) => void;
}) => {
  const [words, setWords] = useState("");
  const find = useMutation({ mutationFn: () => calls.search(words.trim()), gcTime: 0 });
  const locked = find.data?.locked ?? 0;
  return (
    <Section title="Search">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== "") find.mutate();
        }}
      >
        <div className="min-w-52 flex-1">
          <TextField
            type="search"
            data-page-field
            label="What is known about…"
            value={words}
            maxLength={500}
            onText={setWords}
          />
        </div>
        <Button type="submit" className="h-9" busy={find.isPending} disabled={words.trim() === ""}>
          Search
        </Button>
      </form>
      <ErrorLine error={find.error} />
      <div aria-live="polite" className="grid grid-cols-1 gap-2">
        {find.data?.items.length === 0 ? <p className="text-sm text-ink-2">Nothing like that is known.</p> : null}
        {locked > 0 ? (
          <p className="text-xs text-warn">
            {manyText(locked, "sealed memory was", "sealed memories were")} not searched.
          </p>
        ) : null}
        <ul className="grid grid-cols-1 gap-2">
          {find.data?.items.map(({ memory }) => (
            <MemoryCard key={memory.id} memory={memory} onRemove={() => onRemove(memory)} />
          ))}
        </ul>
      </div>
    </Section>
  );
};
