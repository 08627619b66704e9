// One memory, with the words it rests on, and its delete button.
import { Lock, Trash2 } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Memory } from "#schema/api/memory.ts";
import { Badge } from "../../ui/badge.tsx";
import { IconButton } from "../../ui/button.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { aboutOf, originOf, titleOf, wordsOf } from "./memory-words.ts";

/** The card. */
export const MemoryCard = ({ memory, onRemove }: { readonly memory: Memory; readonly onRemove: () => void }) => {
  const title = titleOf(memory);
  const words = wordsOf(memory);
  const about = aboutOf(memory);
  const origin = originOf(memory);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 rounded-lg border border-line bg-raised px-4 py-2.5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-sm font-semibold break-words">{title}</span>
          {memory.locked ? (
            <Badge tone="warn">
              <Lock className="size-3" aria-hidden="true" /> locked
            </Badge>
          ) : memory.sealed ? (
            <Badge tone="ok">under your passphrase</Badge>
          ) : null}
          {about === null ? null : <Badge>{about}</Badge>}
        </p>
        {words === null ? null : (
          <p className="text-sm [overflow-wrap:anywhere] whitespace-pre-wrap text-ink-2">{words}</p>
        )}
        {memory.locked || memory.provenance.quote === undefined ? null : (
          <blockquote className="mt-1 border-l-2 border-line-strong pl-2 text-xs [overflow-wrap:anywhere] text-ink-3">
            {harmlessLine(memory.provenance.quote)}
          </blockquote>
        )}
        <p className="mt-1 flex flex-wrap gap-x-2 text-xs text-ink-3">
          <TimeAgo at={memory.created_at} />
          {origin === null ? null : <span>· {origin}</span>}
        </p>
      </div>
      <IconButton label={`Forget ${title}`} onClick={onRemove}>
        <Trash2 />
      </IconButton>
    </li>
  );
};
