// What is remembered about you, in its four kinds, to be read, searched and deleted. A passphrase that opens what is kept under
// one lives in this page's memory for as long as the page is open: it is in no address, no key of the query memory, no storage.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { MemoryCalls } from "#client/sdk/memory.ts";
import type { Memory } from "#schema/api/memory.ts";
import { MemoryType } from "#schema/memory.ts";
import { manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Learning } from "./learning.tsx";
import { MemoryCard } from "./memory-card.tsx";
import { titleOf } from "./memory-words.ts";
import { WriteCore } from "./write-core.tsx";

const KIND_WORDS: Readonly<Record<MemoryType, string>> = {
  core: "Core: in every prompt",
  associative: "Associative: facts, recalled where they bear on a question",
  episodic: "Episodic: what happened in sessions",
  proactive: "Proactive: patterns over sessions",
};

/** The page. */
export const MemoryPage = () => {
  const [calls, setCalls] = useState(() => new MemoryCalls(api.http));
  // Stands for the passphrase wherever something must know which one it was.
  const [unlocked, setUnlocked] = useState(0);
  const [type, setType] = useState<MemoryType>("core");
  const [removing, setRemoving] = useState<Memory | null>(null);
  const queries = useQueryClient();
  const pages = usePages(["memory", "list", unlocked, type], (cursor) => calls.list(type, { limit: 20, cursor }));
  // What was opened with a passphrase is not kept for whoever comes to this page next.
  useEffect(() => () => queries.removeQueries({ queryKey: ["memory", "list"] }), [queries]);
  const changed = () => queries.invalidateQueries({ queryKey: ["memory"] });
  const locked = pages.data?.pages.flatMap(({ items }) => items).filter((memory) => memory.locked).length ?? 0;
  return (
    <Page title="Memory" narrow>
      <div className="grid grid-cols-1 gap-9">
        <Learning />
        <Passphrase
          isOpen={unlocked > 0}
          onGiven={(passphrase) => {
            queries.removeQueries({ queryKey: ["memory", "list"] });
            setCalls(new MemoryCalls(api.http, passphrase));
            setUnlocked((now) => (passphrase === null ? 0 : now + 1));
          }}
        />
        <Find calls={calls} onRemove={setRemoving} />
        <Section
          title="Everything that is kept"
          actions={
            <SelectField label="Kind" value={type} onChange={(event) => setType(MemoryType.parse(event.target.value))}>
              {MemoryType.options.map((one) => (
                <option key={one} value={one}>
                  {KIND_WORDS[one]}
                </option>
              ))}
            </SelectField>
          }
        >
          {type === "core" ? <WriteCore calls={calls} onDone={changed} /> : null}
          {locked > 0 ? (
            <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
              {manyText(locked, "memory is", "memories are")} locked. Give the passphrase above to read them.
            </p>
          ) : null}
          <Paged
            pages={pages}
            what="memories"
            empty={<p className="text-sm text-ink-2">Nothing of this kind is kept.</p>}
          >
            {(items) => (
              <ul className="grid grid-cols-1 gap-2">
                {items.map((memory) => (
                  <MemoryCard key={memory.id} memory={memory} onRemove={() => setRemoving(memory)} />
                ))}
              </ul>
            )}
          </Paged>
        </Section>
      </div>
      {removing === null ? null : (
        <Confirm
          title="Forget this?"
          act="Forget it"
          keep="Keep it"
          onClose={() => setRemoving(null)}
          run={async () => {
            const { also_deleted: also } = await calls.delete(removing.type, removing.id);
            await changed();
            toast(
              also.length === 0
                ? "It is forgotten."
                : `It is forgotten, and ${manyText(also.length, "memory", "memories")} derived from it.`,
            );
          }}
        >
          <p>
            “{titleOf(removing)}” is deleted for good, together with what was derived from the same words and what
            agents kept of those turns.
          </p>
        </Confirm>
      )}
    </Page>
  );
};

const Passphrase = ({
  isOpen,
  onGiven,
}: {
  readonly isOpen: boolean;
  readonly onGiven: (passphrase: string | null) => void;
}) => {
  const field = useRef<HTMLInputElement>(null);
  return (
    <Section
      title="Passphrase"
      about="Only if you keep memories under one. It stays in this page until you leave it, and goes nowhere but with your own calls."
    >
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const input = field.current;
          if (input === null || input.value === "") return;
          onGiven(input.value);
          input.value = "";
        }}
      >
        <div className="min-w-52 flex-1">
          <TextField
            ref={field}
            type="password"
            label="Passphrase"
            autoComplete="off"
            placeholder={isOpen ? "given" : ""}
          />
        </div>
        <Button type="submit" className="h-9">
          Use it
        </Button>
        {isOpen ? (
          <Button look="ghost" className="h-9" onClick={() => onGiven(null)}>
            Forget it
          </Button>
        ) : null}
      </form>
    </Section>
  );
};

const Find = ({ calls, onRemove }: { readonly calls: MemoryCalls; readonly onRemove: (memory: Memory) => void }) => {
  const [words, setWords] = useState("");
  const find = useMutation({ mutationFn: () => calls.search(words.trim()), gcTime: 0 });
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
            onChange={(event) => setWords(event.target.value)}
          />
        </div>
        <Button type="submit" className="h-9" busy={find.isPending} disabled={words.trim() === ""}>
          Search
        </Button>
      </form>
      <ErrorLine error={find.error} />
      <div aria-live="polite">
        {find.data?.items.length === 0 ? <p className="text-sm text-ink-2">Nothing like that is known.</p> : null}
        <ul className="grid grid-cols-1 gap-2">
          {find.data?.items.map(({ memory }) => (
            <MemoryCard key={memory.id} memory={memory} onRemove={() => onRemove(memory)} />
          ))}
        </ul>
      </div>
    </Section>
  );
};
