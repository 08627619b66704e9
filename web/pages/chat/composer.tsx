// Where one writes to the agents. Enter sends, Shift and Enter begins a line, `@` offers the agents' names. What was typed
// stays when it could not be sent.
import { useQuery } from "@tanstack/react-query";
import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { agentsQuery } from "../../data/queries.ts";
import { cx } from "../../ui/class-names.ts";
import { toastError } from "../../ui/toast.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import { addressed, completeMention, type Mention, mentionAt, namesFor } from "./mention.ts";
import { MentionList } from "./mention-list.tsx";

const LONGEST = 100_000;

/** The field. `onStop` is there while something runs that can be stopped. */
export const Composer = ({
  projectId,
  busy = false,
  address = null,
  onSend,
  onStop,
}: {
  readonly projectId: string;
  readonly busy?: boolean;
  /** Somebody outside chose whom this is for; another object is another choice. */
  readonly address?: { readonly name: string } | null;
  readonly onSend: (content: string) => Promise<unknown>;
  readonly onStop?: (() => void) | undefined;
}) => {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [mention, setMention] = useState<Mention | null>(null);
  const [chosen, setChosen] = useState(0);
  const goTo = useRef<number | null>(null);
  const { data: agents = [] } = useQuery(agentsQuery(projectId));
  const names =
    mention === null
      ? []
      : namesFor(
          mention.typed,
          agents.map(({ name }) => name),
        );
  const at = Math.min(chosen, names.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const { current } = field;
    if (current === null) return;
    current.style.height = "0";
    current.style.height = `${Math.min(current.scrollHeight, 260)}px`;
    if (goTo.current === null) return;
    current.setSelectionRange(goTo.current, goTo.current);
    goTo.current = null;
  }, [text]);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (address === null) return;
    setText((now) => addressed(now, address.name));
    field.current?.focus();
  }, [address]);

  const look = () => {
    const { current } = field;
    if (current === null) return;
    setMention(current.selectionStart === current.selectionEnd ? mentionAt(current.value, current.selectionEnd) : null);
    setChosen(0);
  };
  const complete = (name: string) => {
    if (mention === null) return;
    const done = completeMention(text, mention, name);
    goTo.current = done.cursor;
    setText(done.text);
    setMention(null);
    field.current?.focus();
  };
  const send = () => {
    const content = text.trim();
    if (content === "" || busy) return;
    setText("");
    setMention(null);
    onSend(content).catch((error: unknown) => {
      setText((now) => (now === "" ? content : now));
      toastError(error);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const picking = names.length > 0;
    if (picking && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setChosen((at + (event.key === "ArrowDown" ? 1 : -1) + names.length) % names.length);
    } else if (picking && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      complete(names[at] ?? "");
    } else if (picking && event.key === "Escape") {
      event.preventDefault();
      setMention(null);
    } else if (event.key === "Escape") {
      // Out of the field the letters are keys: `j` to what is asked, `g` to another page.
      field.current?.blur();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };

  return (
    <div className="relative">
      {names.length === 0 ? null : (
        <MentionList id={id} agents={agents} names={names} chosen={at} onChoose={complete} onPoint={setChosen} />
      )}
      <div className="flex items-end gap-2 rounded-xl border border-line-strong bg-raised p-1.5 pl-3.5 shadow-[0_1px_2px_rgb(0_0_0/0.04)] transition-colors focus-within:border-accent">
        <textarea
          ref={field}
          rows={1}
          value={text}
          maxLength={LONGEST}
          aria-label="Message"
          data-page-field
          aria-autocomplete="list"
          aria-controls={names.length === 0 ? undefined : id}
          aria-activedescendant={names.length === 0 ? undefined : `${id}-${at}`}
          placeholder="Ask the team, or @ an agent…"
          onChange={(event) => {
            setText(event.target.value);
            look();
          }}
          onSelect={look}
          onBlur={() => setMention(null)}
          onKeyDown={onKeyDown}
          className="max-h-64 min-h-6 flex-1 resize-none self-center bg-transparent py-1 text-base leading-6 outline-none"
        />
        {onStop !== undefined && text.trim() === "" ? (
          <Round label="Stop" onClick={onStop}>
            <Square className="size-3 fill-current" />
          </Round>
        ) : (
          <Round label="Send" keys="enter" onClick={send} disabled={busy || text.trim() === ""}>
            <ArrowUp className="size-4" />
          </Round>
        )}
      </div>
    </div>
  );
};

const Round = ({
  label,
  keys,
  ...rest
}: {
  readonly label: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) => (
  <Tooltip text={label} {...(keys === undefined ? {} : { keys })}>
    <button
      type="button"
      aria-label={label}
      {...rest}
      className={cx(
        "flex size-8 shrink-0 items-center justify-center rounded-lg bg-fill text-white transition-colors hover:bg-fill-hover",
        "disabled:bg-hover disabled:text-ink-3",
      )}
    />
  </Tooltip>
);
