// What an answer rests on, under the numbers it cites it by; and what was looked up.
import { Brain, FileText, History } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Citation } from "#schema/events/rooms.ts";
import { TimeAgo } from "../../ui/time-ago.tsx";

const ICON = { document: FileText, interaction: History, memory: Brain } as const;
const KIND = { document: "document", interaction: "from its context", memory: "memory" } as const;

/** Where in a document it stands: its page, or its place in the text. */
const placeOf = ({ page, from, to }: Citation): string | null => {
  if (page !== undefined) return `page ${page}`;
  return from === undefined || to === undefined ? null : `characters ${from}–${to}`;
};

// Work has no title: it is named by what kind of work it was.
const titleOf = ({ kind, title }: Citation): string => {
  if (kind === "memory" && title === "core") return "What it keeps in mind about you";
  if (kind !== "interaction") return harmlessLine(title);
  return title === "direct" ? "An earlier conversation" : `Earlier work (${harmlessLine(title)})`;
};

/** The element of a source, so that a number in the text can lead to it. */
export const sourceId = (answer: string, n: number): string => `source-${answer}-${n}`;

/** One thing that was found. */
export const FoundItem = ({
  item,
  score,
  id,
}: {
  readonly item: Citation;
  readonly score?: number;
  readonly id?: string;
}) => {
  const Icon = ICON[item.kind];
  const place = placeOf(item);
  return (
    <li
      id={id}
      tabIndex={id === undefined ? undefined : -1}
      className="flex min-w-0 items-center gap-2 rounded-md px-1.5 py-1 text-xs text-ink-2 focus-visible:bg-accent-soft"
    >
      <span className="inline-flex h-4.5 min-w-4.5 shrink-0 items-center justify-center rounded bg-accent-soft px-1 text-2xs font-semibold text-accent tabular-nums">
        {item.n}
      </span>
      <Icon className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
      <span className="min-w-0 flex-1 truncate">
        {titleOf(item)}
        <span className="text-ink-3">
          {" "}
          · {KIND[item.kind]}
          {place === null ? "" : `, ${place}`} · <TimeAgo at={item.at} />
        </span>
      </span>
      {score === undefined ? null : <span className="text-ink-3 tabular-nums">{score.toFixed(2)}</span>}
    </li>
  );
};

/** The sources of an answer; nothing when it cites none. */
export const Sources = ({ id, citations }: { readonly id: string; readonly citations: readonly Citation[] }) =>
  citations.length === 0 ? null : (
    <section aria-label="Sources" className="rounded-xl border border-line bg-surface p-1.5">
      <h2 className="px-1.5 pb-0.5 text-xs font-semibold text-ink-3">Sources</h2>
      <ol>
        {citations.map((citation) => (
          <FoundItem key={citation.n} item={citation} id={sourceId(id, citation.n)} />
        ))}
      </ol>
    </section>
  );
