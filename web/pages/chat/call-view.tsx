// A tool call in a line, with its arguments and its result under it.
import { useQuery } from "@tanstack/react-query";
import { FilePen, FileText, FolderTree, Globe, Search, Users, Wrench } from "lucide-react";
import { useState } from "react";
import { artifactOf } from "#client/sdk/artifacts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { ArgumentsView } from "../../approval/arguments-view.tsx";
import { subjectOf, verbOf } from "../../approval/words.ts";
import { LongText } from "../../markdown/long-text.tsx";
import { Button } from "../../ui/button.tsx";
import { Fold } from "../../ui/fold.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import type { Call } from "./story.ts";

const ICONS = {
  read_file: FileText,
  write_file: FilePen,
  list_directory: FolderTree,
  web_fetch: Globe,
  web_search: Search,
  call_agent: Users,
} as const;

const iconOf = (tool: string) => (tool in ICONS ? ICONS[tool as keyof typeof ICONS] : Wrench);

const WORDS: Readonly<Record<Call["status"], string>> = {
  requested: "",
  awaiting_approval: "waits for you",
  dispatched: "",
  delegated: "a colleague is at it",
  succeeded: "",
  failed: "failed",
  denied: "not done",
  indeterminate: "uncertain",
  cancelled: "cancelled",
};

const Whole = ({ artifactId }: { readonly artifactId: string }) => {
  const [asked, setAsked] = useState(false);
  const { data, error, isFetching } = useQuery({
    queryKey: ["artifact", artifactId],
    queryFn: () => artifactOf(api.http, artifactId),
    enabled: asked,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data !== undefined) return <LongText text={data.content} label="The whole result" />;
  return (
    <div className="grid justify-items-start gap-2">
      <Button size="sm" busy={isFetching} onClick={() => setAsked(true)}>
        Get the whole result
      </Button>
      <ErrorLine error={error} />
    </div>
  );
};

/** The call. */
export const CallView = ({ call }: { readonly call: Call }) => {
  const Icon = iconOf(call.tool);
  const isOpen = call.endedAt === null && call.status !== "awaiting_approval" && call.status !== "denied";
  const bad = call.status === "failed" || call.status === "indeterminate";
  const words = WORDS[call.status];
  return (
    <Fold
      icon={isOpen ? <Spinner /> : <Icon className="text-ink-3" aria-hidden="true" />}
      head={
        <>
          {verbOf(call.tool)} <span className="font-mono text-xs">{subjectOf(call.arguments)}</span>
        </>
      }
      tail={
        words === "" ? null : (
          <span className={bad ? "text-xs text-danger" : "text-xs text-ink-3"}>
            {words}
            {call.reason === null ? "" : <span className="sr-only">: {harmlessLine(call.reason)}</span>}
          </span>
        )
      }
    >
      <ArgumentsView args={call.arguments} />
      {call.reason === null ? null : (
        <p className={bad ? "text-sm break-words text-danger" : "text-sm break-words text-ink-2"}>
          {harmlessLine(call.reason)}
        </p>
      )}
      {call.result === null ? null : <LongText text={call.result} label="What the agent was told" />}
      {call.artifactId === null ? null : <Whole artifactId={call.artifactId} />}
    </Fold>
  );
};
