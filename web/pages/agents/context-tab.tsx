// What an agent can look up: how much it is, a search as the agent would make it, its documents, its items, and tidying up.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Eraser } from "lucide-react";
import { useState } from "react";
import { bytesText, manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { saveAs } from "../../app/save-as.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Figure, Figures, Section } from "../../ui/section.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { ContextDocuments } from "./context-documents.tsx";
import { ContextItems } from "./context-items.tsx";
import { ContextSearch } from "./context-search.tsx";
import { PruneDialog } from "./prune-dialog.tsx";
import { contextKey, contextStatsQuery } from "./queries.ts";

/** The whole tab. */
export const ContextTab = ({ agentId }: { readonly agentId: string }) => {
  const { data: stats, error, refetch } = useQuery(contextStatsQuery(agentId));
  const [pruning, setPruning] = useState(false);
  const queries = useQueryClient();
  const changed = () => queries.invalidateQueries({ queryKey: contextKey(agentId) });
  const exporting = useMutation({
    mutationFn: async () => {
      const lines: string[] = [];
      for await (const line of api.context(agentId).export()) lines.push(`${line}\n`);
      saveAs(`${stats?.collection ?? "context"}.jsonl`, lines, "application/x-ndjson");
      return lines.length;
    },
    onSuccess: (lines) => toast(`${manyText(lines, "line")} exported.`),
    onError: toastError,
  });
  if (stats === undefined) return <NotYet of={{ error, refetch }} what="the context" />;
  return (
    <div className="grid grid-cols-1 gap-9">
      <Section
        title="What it can look up"
        about="Before it answers, the agent looks for what bears on the question: documents you add here, and what came of earlier turns."
        actions={
          <>
            <Button
              size="sm"
              icon={<Download className="size-3.5" />}
              busy={exporting.isPending}
              disabled={stats.items === 0}
              onClick={() => exporting.mutate()}
            >
              Export
            </Button>
            <Button
              size="sm"
              icon={<Eraser className="size-3.5" />}
              disabled={stats.items === 0}
              onClick={() => setPruning(true)}
            >
              Tidy up…
            </Button>
          </>
        }
      >
        <Figures>
          <Figure label="Items">{stats.items.toLocaleString("en")}</Figure>
          <Figure label="Pieces of documents">{stats.documents.toLocaleString("en")}</Figure>
          <Figure label="From earlier turns">{stats.interactions.toLocaleString("en")}</Figure>
          <Figure label="Kept in" note={stats.bytes === null ? undefined : bytesText(stats.bytes)}>
            {stats.backend === "qdrant" ? "Qdrant" : "Retinue"}
          </Figure>
        </Figures>
        <p className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
          {stats.embedding.model}, {stats.embedding.dimensions} dimensions
          {stats.pending > 0 ? (
            <Badge tone="warn">{stats.pending} wait for their vectors, and are found by their words</Badge>
          ) : null}
          {stats.building ? <Badge tone="accent">The index is being built</Badge> : null}
        </p>
      </Section>
      <ContextSearch agentId={agentId} />
      <ContextDocuments agentId={agentId} onChanged={changed} />
      <ContextItems agentId={agentId} onChanged={changed} />
      {pruning ? <PruneDialog agentId={agentId} onDone={changed} onClose={() => setPruning(false)} /> : null}
    </div>
  );
};
