// Opening what is kept under a passphrase, in this tab, and putting everything under another one or under none.
import { useMutation } from "@tanstack/react-query";
import { Lock, LockOpen } from "lucide-react";
import { useRef, useState, useSyncExternalStore } from "react";
import { MemoryCalls } from "#client/sdk/memory.ts";
import { api } from "../../app/api.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { Button } from "../../ui/button.tsx";
import { CheckField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { Reseal } from "./reseal.tsx";

const Unlock = ({ onSeal }: { readonly onSeal: () => void }) => {
  const field = useRef<HTMLInputElement>(null);
  const unlock = useMutation({
    gcTime: 0,
    // Tried before it is believed: a wrong one opens nothing, and would only be found out further down.
    mutationFn: async () => {
      const input = field.current;
      if (input === null || input.value === "") return;
      await new MemoryCalls(api.http, input.value).list("core", { limit: 1 });
      memoryPassphrase.give(input.value);
    },
  });
  return (
    <form
      className="grid grid-cols-1 gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        unlock.mutate();
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-52 flex-1">
          <TextField ref={field} type="password" label="Passphrase" autoComplete="off" />
        </div>
        <Button type="submit" className="h-9" icon={<LockOpen className="size-3.5" />} busy={unlock.isPending}>
          Unlock
        </Button>
        <Button look="ghost" className="h-9" onClick={onSeal}>
          Seal everything…
        </Button>
      </div>
      <ErrorLine error={unlock.error} />
    </form>
  );
};

/** The part of the page. `onChanged` is called when memories were sealed anew. */
export const Passphrase = ({ onChanged }: { readonly onChanged: () => Promise<unknown> }) => {
  const given = useSyncExternalStore(memoryPassphrase.subscribe, memoryPassphrase.now);
  const [sealing, setSealing] = useState(false);
  return (
    <Section
      title="Sealed memories"
      about={
        given === null
          ? "What you keep under a passphrase is unreadable without it, to Retinue too. Given here it opens them in this tab, until you lock it, reload or sign out."
          : "They are open in this tab, until you lock it, reload or sign out. What you write meanwhile is sealed, too."
      }
    >
      {given === null ? (
        <Unlock onSeal={() => setSealing(true)} />
      ) : (
        <div className="grid grid-cols-1 gap-3">
          <CheckField
            label="Let agents use them in chats of this tab"
            hint="The passphrase goes along with each message; what an agent answers stands in the log as it was said."
            checked={given.inChats}
            onChange={(event) => memoryPassphrase.bringToChats(event.target.checked)}
          />
          <div className="flex flex-wrap gap-2">
            <Button icon={<Lock className="size-3.5" />} onClick={memoryPassphrase.forget}>
              Lock
            </Button>
            <Button look="ghost" onClick={() => setSealing(true)}>
              Another passphrase, or none…
            </Button>
          </div>
        </div>
      )}
      {sealing ? <Reseal onDone={onChanged} onClose={() => setSealing(false)} /> : null}
    </Section>
  );
};
