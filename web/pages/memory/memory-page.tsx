// What is remembered about you, in its four kinds, to be read, written, searched and deleted; and what is sealed, once it is
// unlocked in this tab.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { MemoryCalls } from "#client/sdk/memory.ts";
import type { Memory } from "#schema/api/memory.ts";
import { MemoryType } from "#schema/memory.ts";
import { manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { SelectField } from "../../ui/field.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { toast } from "../../ui/toast.tsx";
import { Find } from "./find.tsx";
import { Learning } from "./learning.tsx";
import { MemoryCard } from "./memory-card.tsx";
import { titleOf } from "./memory-words.ts";
import { Passphrase } from "./passphrase.tsx";
import { WriteAbout, WriteCore } from "./write-memory.tsx";

const KIND_WORDS: Readonly<Record<MemoryType, string>> = {
  core: "Core: in every prompt",
  associative: "Associative: facts, recalled where they bear on a question",
  episodic: "Episodic: what happened in sessions",
  proactive: "Proactive: patterns over sessions",
};

/** The page. */
export const MemoryPage = () => {
  const given = useSyncExternalStore(memoryPassphrase.subscribe, memoryPassphrase.now);
  const calls = useMemo(() => new MemoryCalls(api.http, given?.words ?? null), [given?.words]);
  const [type, setType] = useState<MemoryType>("core");
  const [removing, setRemoving] = useState<Memory | null>(null);
  const queries = useQueryClient();
  const nth = given?.nth ?? 0;
  const pages = usePages(["memory", "list", nth, type], (cursor) => calls.list(type, { limit: 20, cursor }));
  // What was opened with a passphrase is kept neither when the page is left nor when it is locked again.
  useEffect(() => () => queries.removeQueries({ queryKey: ["memory", "list", nth] }), [queries, nth]);
  const changed = () => queries.invalidateQueries({ queryKey: ["memory"] });
  const locked = pages.data?.pages.flatMap(({ items }) => items).filter((memory) => memory.locked).length ?? 0;
  return (
    <Page title="Memory" narrow>
      <div className="grid grid-cols-1 gap-9">
        <Learning />
        <Passphrase onChanged={changed} />
        <Find calls={calls} onRemove={setRemoving} />
        <Section
          title="Everything that is kept"
          actions={
            <SelectField label="Kind" value={type} onText={(text) => setType(MemoryType.parse(text))}>
              {MemoryType.options.map((one) => (
                <option key={one} value={one}>
                  {KIND_WORDS[one]}
                </option>
              ))}
            </SelectField>
          }
        >
          {type === "core" ? <WriteCore calls={calls} onDone={changed} /> : null}
          {type === "associative" ? <WriteAbout calls={calls} onDone={changed} /> : null}
          {locked > 0 ? (
            <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
              {manyText(locked, "memory is", "memories are")} locked. Unlock what is sealed above to read it.
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
