// Looking something up the way the agent does, to see what it would find and why.
import { useMutation } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { ContextFilterBody } from "#schema/api/context.ts";
import { api } from "../../app/api.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { ErrorLine } from "../../ui/states.tsx";

const KINDS = { all: "Everything", document: "Documents", interaction: "Earlier turns" } as const;

const filterOf = (kind: string): ContextFilterBody =>
  kind === "document" || kind === "interaction" ? { type: kind } : {};

/** A question and what is found for it. */
export const ContextSearch = ({ agentId }: { readonly agentId: string }) => {
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState("all");
  const search = useMutation({ mutationFn: () => api.context(agentId).search(query.trim(), 10, filterOf(kind)) });
  return (
    <Section title="Search">
      <form
        className="grid grid-cols-1 items-end gap-3 sm:grid-cols-[minmax(0,1fr)_11rem_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          if (query.trim() !== "") search.mutate();
        }}
      >
        <TextField
          label="Question"
          type="search"
          data-page-field
          value={query}
          maxLength={4_000}
          placeholder="How is a release made?"
          onText={setQuery}
        />
        <SelectField label="Among" value={kind} onText={setKind}>
          {Object.entries(KINDS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
        <Button
          type="submit"
          className="h-9"
          icon={<Search className="size-3.5" />}
          busy={search.isPending}
          disabled={query.trim() === ""}
        >
          Search
        </Button>
      </form>
      <ErrorLine error={search.error} />
      <div aria-live="polite" className="grid grid-cols-1 gap-2">
        {search.data?.mode === "words" ? (
          <p className="text-xs text-warn">The embedding model did not answer; this was found by words alone.</p>
        ) : null}
        {search.data?.hits.length === 0 ? (
          <p className="text-sm text-ink-2">Nothing was found. Try other words, or add a document below.</p>
        ) : null}
        {search.data?.hits.map((hit, place) => (
          <article key={hit.id} className="grid grid-cols-1 gap-1.5 rounded-lg border border-line px-3.5 py-2.5">
            <header className="flex flex-wrap items-center gap-2">
              <h3 className="min-w-0 truncate text-sm font-medium">{harmlessLine(hit.title)}</h3>
              <Badge>{hit.type === "document" ? "document" : "earlier turn"}</Badge>
              <span className="ml-auto text-xs whitespace-nowrap text-ink-3 tabular-nums">
                {[
                  `score ${hit.score.toFixed(2)}`,
                  ...(hit.dense_rank === null ? [] : [`meaning #${hit.dense_rank}`]),
                  ...(hit.lexical_rank === null ? [] : [`words #${hit.lexical_rank}`]),
                ].join(" · ")}
              </span>
            </header>
            <LongText text={hit.text} label={`${place + 1}. ${hit.title}`} cap={400} />
          </article>
        ))}
      </div>
    </Section>
  );
};
