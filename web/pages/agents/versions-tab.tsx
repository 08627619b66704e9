// Every version an agent had, what each one changed, and the way back to it: going back makes a new version with the old words.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useMemo, useState } from "react";
import { agentVersions, changeAgent } from "#client/sdk/agents.ts";
import { harmless } from "#client/terminal/harmless.ts";
import type { Agent, AgentVersion } from "#schema/api/agents.ts";
import { api } from "../../app/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/class-names.ts";
import { Paged, usePages } from "../../ui/paged.tsx";
import { ErrorLine } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { toast } from "../../ui/toast.tsx";
import { configOf } from "./agent-draft.ts";
import { compareConfigs, type DiffLine } from "./config-text.ts";

/** The list, and the chosen version beside the present one. */
export const VersionsTab = ({ agent }: { readonly agent: Agent }) => {
  const pages = usePages(["agents", agent.project_id, agent.id, "versions"], (cursor) =>
    agentVersions(api.http, agent.id, { limit: 20, ...(cursor === undefined ? {} : { cursor }) }),
  );
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <Paged pages={pages} what="versions" empty={null}>
      {(versions) => {
        const shown = versions.find(({ version }) => version === chosen) ?? versions[1] ?? versions[0];
        return (
          <div className="grid grid-cols-1 gap-5 md:grid-cols-[13rem_minmax(0,1fr)]">
            <ul aria-label="Versions" className="grid grid-cols-1 content-start gap-1">
              {versions.map(({ version, created_at: at }) => (
                <li key={version}>
                  <button
                    type="button"
                    aria-pressed={version === shown?.version}
                    onClick={() => setChosen(version)}
                    className="flex w-full items-center gap-2 rounded-md px-2.5 py-1.5 text-left text-ink-2 hover:bg-hover aria-pressed:bg-hover aria-pressed:text-ink"
                  >
                    <span className="font-medium">Version {version}</span>
                    {version === agent.version ? <Badge tone="accent">now</Badge> : null}
                    <span className="ml-auto text-xs text-ink-3">
                      <TimeAgo at={at} />
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {shown === undefined ? null : <Compared key={shown.version} agent={agent} version={shown} />}
          </div>
        );
      }}
    </Paged>
  );
};

const Compared = ({ agent, version }: { readonly agent: Agent; readonly version: AgentVersion }) => {
  const lines = useMemo(() => compareConfigs(version.config, configOf(agent)), [version, agent]);
  const queries = useQueryClient();
  const back = useMutation({
    mutationFn: () => changeAgent(api.http, agent.id, { ...version.config, if_version: agent.version }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["agents", agent.project_id] });
      toast(`Version ${saved.version} is what version ${version.version} was.`);
    },
  });
  const isNow = version.version === agent.version;
  return (
    <div className="grid min-w-0 grid-cols-1 content-start gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">
          {isNow
            ? `Version ${version.version}, the present one`
            : `From version ${version.version} to the present ${agent.version}`}
        </h2>
        {isNow || lines.length === 0 ? null : (
          <Button size="sm" icon={<Undo2 className="size-3.5" />} busy={back.isPending} onClick={() => back.mutate()}>
            Go back to version {version.version}
          </Button>
        )}
      </div>
      <ErrorLine error={back.error} />
      {lines.length === 0 ? (
        <p className="text-sm text-ink-2">
          {isNow ? "Choose an older version to see what has changed since." : "Nothing differs from the present one."}
        </p>
      ) : (
        <Diff lines={lines} />
      )}
    </div>
  );
};

const LOOK: Readonly<Record<DiffLine["kind"], string>> = {
  same: "text-ink-2",
  added: "bg-ok-soft text-ok",
  removed: "bg-danger-soft text-danger",
};
const MARK: Readonly<Record<DiffLine["kind"], string>> = { same: " ", added: "+", removed: "−" };
const SPOKEN: Readonly<Record<DiffLine["kind"], string>> = { same: "", added: "added: ", removed: "removed: " };

const Diff = ({ lines }: { readonly lines: readonly (DiffLine | null)[] }) => (
  <ol
    aria-label="What has changed"
    className="overflow-x-auto rounded-lg border border-line bg-sunken py-2 font-mono text-xs leading-5"
  >
    {lines.map((line, index) =>
      line === null ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that does not change
        <li key={index} className="px-3 text-ink-3">
          ⋯<span className="sr-only">lines left out</span>
        </li>
      ) : (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that does not change
        <li key={index} className={cx("flex min-h-5 px-3", LOOK[line.kind])}>
          <span aria-hidden="true" className="w-4 shrink-0 select-none">
            {MARK[line.kind]}
          </span>
          <span className="sr-only">{SPOKEN[line.kind]}</span>
          <span className="min-w-0 break-words whitespace-pre-wrap">{harmless(line.text)}</span>
        </li>
      ),
    )}
  </ol>
);
