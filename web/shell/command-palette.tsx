// Everything one can do or go to, by typing a few letters of it.
import { Search } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { cx } from "../ui/class-names.ts";
import { Modal } from "../ui/dialog.tsx";
import { Keys } from "../ui/keys.tsx";
import { rankCommands } from "./rank-commands.ts";

/** One command. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly also?: string;
  readonly hint?: string;
  readonly keys?: string;
  readonly icon: ReactNode;
  readonly run: () => void;
}

const MOST = 60;

const Palette = ({ commands, onClose }: { readonly commands: readonly Command[]; readonly onClose: () => void }) => {
  const id = useId();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = rankCommands(query, commands).slice(0, MOST);
  const at = Math.min(chosen, found.length - 1);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  return (
    <div className="mx-auto flex max-h-[min(70dvh,28rem)] w-full max-w-xl animate-appear flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-float">
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 shrink-0 text-ink-3" aria-hidden="true" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={found.length === 0 ? undefined : `${id}-${at}`}
          aria-label="Search commands"
          placeholder="Go to, or do…"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              const step = event.key === "ArrowDown" ? 1 : -1;
              setChosen((at + step + found.length) % Math.max(1, found.length));
            } else if (event.key === "Enter") {
              event.preventDefault();
              run(found[at]);
            }
          }}
          className="h-12 w-full bg-transparent text-base outline-none"
        />
      </div>
      <div ref={list} id={id} role="listbox" aria-label="Commands" className="min-h-0 overflow-y-auto p-1.5">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => run(command)}
            onPointerMove={() => setChosen(index)}
            className={cx(
              "flex h-9 items-center gap-3 rounded-md px-2.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3",
              index === at && "bg-hover",
            )}
          >
            {command.icon}
            <span className="min-w-0 flex-1 truncate">{command.label}</span>
            {command.hint === undefined ? null : <span className="truncate text-xs text-ink-3">{command.hint}</span>}
            {command.keys === undefined ? null : <Keys keys={command.keys} />}
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className="px-4 py-6 text-center text-ink-3">Nothing fits “{query}”.</p> : null}
    </div>
  );
};

/** The palette; nothing while it is closed. */
export const CommandPalette = ({
  open,
  commands,
  onClose,
}: {
  readonly open: boolean;
  readonly commands: readonly Command[];
  readonly onClose: () => void;
}) => (
  <Modal open={open} onClose={onClose} label="Command palette" className="mx-auto mt-[12dvh] w-full px-4">
    <Palette commands={commands} onClose={onClose} />
  </Modal>
);
