// The single items of a context, newest first: what was kept of earlier turns, and the pieces of documents.
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ContextItemBody } from "#schema/api/context.ts";
import { api } from "../../app/api.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { IconButton } from "../../ui/button.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";
import { goneText } from "./context-documents.tsx";
import { contextKey } from "./queries.ts";

/** The items, and deleting one. */
export const ContextItems = ({
  agentId,
  onChanged,
}: {
  readonly agentId: string;
  readonly onChanged: () => unknown;
}) => {
  const [type, setType] = useState("interaction");
  const pages = usePages([...contextKey(agentId), "items", type], (cursor) =>
    api.context(agentId).items({ limit: 20, cursor, type }),
  );
  const [removing, setRemoving] = useState<ContextItemBody | null>(null);
  return (
    <Section
      title="Items"
      actions={
        <SelectField label="Which" value={type} onText={setType}>
          <option value="interaction">From earlier turns</option>
          <option value="document">Pieces of documents</option>
        </SelectField>
      }
    >
      <Paged
        pages={pages}
        what="items"
        empty={
          <p className="text-sm text-ink-2">
            {type === "interaction"
              ? "Nothing yet. What it does in a chat is kept here by itself."
              : "No documents yet. Add one above."}
          </p>
        }
      >
        {(items) => (
          <ul className="grid grid-cols-1 gap-2">
            {items.map((item) => (
              <li key={item.id} className="grid grid-cols-1 gap-1.5 rounded-lg border border-line px-3.5 py-2.5">
                <div className="flex items-center gap-2">
                  <span className="min-w-0 truncate text-sm font-medium">{harmlessLine(item.title)}</span>
                  {item.success === false ? <Badge tone="danger">failed</Badge> : null}
                  <span className="ml-auto text-xs whitespace-nowrap text-ink-3">
                    <TimeAgo at={item.at} />
                  </span>
                  <IconButton label={`Delete ${harmlessLine(item.title)}`} onClick={() => setRemoving(item)}>
                    <Trash2 />
                  </IconButton>
                </div>
                <LongText text={item.text} label={`${item.title}, kept ${item.at}`} cap={300} />
              </li>
            ))}
          </ul>
        )}
      </Paged>
      {removing === null ? null : (
        <Confirm
          title="Delete this item?"
          act="Delete it"
          keep="Keep it"
          onClose={() => setRemoving(null)}
          run={async () => {
            const gone = await api.context(agentId).removeItem(removing.id);
            await onChanged();
            toast(goneText(gone));
          }}
        >
          <p>The agent will not find it again, nor any answer that rested on it.</p>
        </Confirm>
      )}
    </Section>
  );
};
