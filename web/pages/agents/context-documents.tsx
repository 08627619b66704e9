// An agent's documents: added by the file picker or by dropping files, one after the other, each with what became of it.
import { useMutation } from "@tanstack/react-query";
import { FileText, FileUp, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ContextDocument } from "#schema/api/context.ts";
import { manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { explain } from "../../app/explain.ts";
import { IconButton } from "../../ui/button.tsx";
import { cx } from "../../ui/class-names.ts";
import { Confirm } from "../../ui/form-dialog.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { Section } from "../../ui/section.tsx";
import { Cell, Row, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";
import { ACCEPTED, documentOf, refusalOf } from "./document-upload.ts";
import { contextKey } from "./queries.ts";

interface Shape {
  readonly agentId: string;
  readonly onChanged: () => unknown;
}

/** The documents and the place to drop more. */
export const ContextDocuments = ({ agentId, onChanged }: Shape) => {
  const pages = usePages([...contextKey(agentId), "documents"], (cursor) =>
    api.context(agentId).documents({ limit: 20, cursor }),
  );
  const [removing, setRemoving] = useState<ContextDocument | null>(null);
  return (
    <Section
      title="Documents"
      about="Text, Markdown, HTML or PDF, up to 8 MB each. One with the same name takes the old one's place."
    >
      <DropPlace agentId={agentId} onChanged={onChanged} />
      <Paged
        pages={pages}
        what="documents"
        empty={<p className="text-sm text-ink-2">No documents yet. Drop one above.</p>}
      >
        {(documents) => (
          <Table label="Documents" head={["Title", "Pieces", "Added", null]}>
            {documents.map((document) => (
              <Row key={document.document_id}>
                <Cell className="break-words">
                  <span className="flex items-start gap-2">
                    <FileText className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden="true" />
                    <span className="min-w-0 [overflow-wrap:anywhere]">{harmlessLine(document.title)}</span>
                  </span>
                </Cell>
                <Cell className="tabular-nums">{document.pieces}</Cell>
                <Cell className="whitespace-nowrap text-ink-3">
                  <TimeAgo at={document.added_at} />
                </Cell>
                <Cell className="text-right">
                  <IconButton label={`Remove ${harmlessLine(document.title)}`} onClick={() => setRemoving(document)}>
                    <Trash2 />
                  </IconButton>
                </Cell>
              </Row>
            ))}
          </Table>
        )}
      </Paged>
      {removing === null ? null : (
        <Confirm
          title="Remove this document?"
          act="Remove it"
          keep="Keep it"
          onClose={() => setRemoving(null)}
          run={async () => {
            const gone = await api.context(agentId).removeDocument(removing.document_id);
            await onChanged();
            toast(goneText(gone));
          }}
        >
          <p>
            “{harmlessLine(removing.title)}” and its {manyText(removing.pieces, "piece")} go, and with them the
            remembered answers that rested on it.
          </p>
        </Confirm>
      )}
    </Section>
  );
};

/** What a removal took with it. */
export const goneText = ({
  removed,
  also_removed: also,
}: {
  readonly removed: number;
  readonly also_removed: number;
}): string =>
  `${manyText(removed, "item")} removed${also === 0 ? "" : `, and ${manyText(also, "answer")} that rested on them`}.`;

interface Upload {
  /** Two files may have one name. */
  readonly id: number;
  readonly name: string;
  readonly said: string;
  readonly state: "waiting" | "done" | "refused";
}

const DropPlace = ({ agentId, onChanged }: Shape) => {
  const id = useId();
  const [over, setOver] = useState(false);
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const adding = useMutation({
    mutationFn: async (files: readonly File[]) => {
      const say = (at: number, said: string, state: Upload["state"]) =>
        setUploads((now) => now.map((one) => (one.id === at ? { ...one, said, state } : one)));
      setUploads(files.map(({ name }, id) => ({ id, name, said: "waits", state: "waiting" })));
      // One after the other: each is cut into pieces and embedded, and a free account has few calls.
      for (const [at, file] of files.entries()) {
        const refusal = refusalOf(file);
        if (refusal !== null) {
          say(at, refusal, "refused");
          continue;
        }
        say(at, "is being read…", "waiting");
        try {
          const { pieces, created, replaced } = await api.context(agentId).addDocument(await documentOf(file));
          say(
            at,
            created
              ? `${manyText(pieces, "piece")}${replaced.length > 0 ? ", in place of the old one" : ""}`
              : "was there already",
            "done",
          );
        } catch (error) {
          const { title, next } = explain(error);
          say(at, `${title}. ${next}`, "refused");
        }
      }
      await onChanged();
    },
  });
  const add = (files: FileList | null) => {
    if (files !== null && files.length > 0 && !adding.isPending) adding.mutate([...files]);
  };
  return (
    <div className="grid grid-cols-1 gap-2">
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          add(event.dataTransfer.files);
        }}
        className={cx(
          "flex flex-col items-center gap-1.5 rounded-lg border border-dashed px-4 py-6 text-center transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent",
          over ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-surface",
        )}
      >
        <FileUp className="size-5 text-ink-3" aria-hidden="true" />
        <span className="text-sm">
          Drop files here, or <span className="text-accent underline underline-offset-2">choose some</span>
        </span>
        <input
          id={id}
          type="file"
          multiple
          accept={ACCEPTED}
          aria-label="Add documents"
          disabled={adding.isPending}
          className="sr-only"
          onChange={(event) => {
            add(event.target.files);
            event.target.value = "";
          }}
        />
      </label>
      <ul aria-live="polite" className="grid grid-cols-1 gap-1 text-xs">
        {uploads.map(({ id, name, said, state }) => (
          <li
            key={id}
            className={cx(
              "break-words",
              state === "refused" ? "text-danger" : state === "done" ? "text-ok" : "text-ink-2",
            )}
          >
            <strong className="font-medium">{harmlessLine(name)}</strong>: {said}
          </li>
        ))}
      </ul>
    </div>
  );
};
