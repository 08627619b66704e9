// A write as what it would change: against what the log last knew of that file, and saying so; with the exact arguments under it.
import "react-diff-view/style/index.css";
import "./file-change.css";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Diff, Hunk } from "react-diff-view";
import { artifactOf } from "#client/sdk/artifacts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../app/api.ts";
import { LongText } from "../markdown/long-text.tsx";
import { Badge } from "../ui/badge.tsx";
import { SkeletonLines } from "../ui/skeleton.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { diffOf, endNote } from "./diff-hunks.ts";
import { lastKnown, TOLD_FROM } from "./last-known.ts";

const PAGE = 100;

interface Known {
  readonly text: string;
  readonly at: string;
  readonly how: "read" | "written";
}

// The newest hundred of each kind: older than that, it says little about the file of today.
const recall = async (projectId: string, path: string): Promise<Known | null> => {
  const pages = await Promise.all(TOLD_FROM.map((type) => api.events(projectId, { type, order: "desc", limit: PAGE })));
  const known = lastKnown(
    path,
    pages.flatMap(({ items }) => items),
  );
  if (known === null) return null;
  const { content, at, how } = known;
  const text = "text" in content ? content.text : (await artifactOf(api.http, content.artifactId)).content;
  return { text, at, how };
};

const Against = ({ known, failed }: { readonly known: Known | null; readonly failed: boolean }) => {
  if (failed) return <>What the file held before could not be looked up, so all of the new text is shown as added.</>;
  if (known === null)
    return (
      <>
        No agent has read or written this file lately, so all of it is shown as new. A file of that name would be
        replaced.
      </>
    );
  return (
    <>
      Compared with the file as an agent {known.how === "read" ? "read" : "wrote"} it <TimeAgo at={known.at} />; it may
      have changed since.
    </>
  );
};

/** The change. */
export const FileChange = ({
  projectId,
  path,
  content,
}: {
  readonly projectId: string;
  readonly path: string;
  readonly content: string;
}) => {
  const { data, isPending, isError } = useQuery({
    queryKey: ["file", projectId, path],
    queryFn: () => recall(projectId, path),
    retry: false,
  });
  const before = data?.text ?? "";
  const diff = useMemo(() => diffOf(before, content), [before, content]);
  if (isPending) return <SkeletonLines what="Looking up what the file held" />;
  const note = data === null || data === undefined ? null : endNote(before, content);
  return (
    <div className="grid grid-cols-1 gap-2">
      <header className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 font-mono text-xs break-all">{harmlessLine(path)}</code>
        {diff === null ? null : (
          <span className="flex gap-1.5">
            <Badge tone="ok">+{diff.added}</Badge>
            {diff.removed === 0 ? null : <Badge tone="danger">−{diff.removed}</Badge>}
          </span>
        )}
      </header>
      <p className="text-xs text-pretty text-ink-3">
        <Against known={data ?? null} failed={isError} />
        {note === null ? null : ` ${note}`}
      </p>
      {diff === null ? (
        <>
          <p className="text-xs text-ink-2">It is too large to compare line by line. This is the new text:</p>
          <LongText text={content} label="The new text" />
        </>
      ) : diff.hunks.length === 0 ? (
        <p className="rounded-lg border border-line bg-sunken px-3 py-2 text-xs text-ink-2">
          {content === "" ? "The file would be empty." : "The file would stay as it was then."}
        </p>
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; two questions may be about one file, so it is no landmark
        <div
          role="group"
          aria-label={`Lines of ${harmlessLine(path)} that change`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
          tabIndex={0}
          className="file-change max-h-96 font-mono overflow-auto rounded-lg border border-line bg-sunken"
        >
          <Diff viewType="unified" diffType={before === "" ? "add" : "modify"} hunks={diff.hunks}>
            {(hunks) => hunks.map((hunk) => <Hunk key={hunk.content} hunk={hunk} />)}
          </Diff>
        </div>
      )}
    </div>
  );
};
