// The project's agents: what each is for, and what it is doing right now.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Bot, Plus } from "lucide-react";
import { useRef } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Agent } from "#schema/api/agents.ts";
import { manyText } from "../../app/amount-words.ts";
import { api } from "../../app/api.ts";
import { spaceQuery } from "../../data/queries.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Paged, usePages } from "../../ui/paged.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { useRowKeys } from "../../ui/use-row-keys.ts";
import { AgentName } from "../chat/agent-name.tsx";
import { AgentStatusMark } from "./status.tsx";

const Card = ({
  agent,
  work,
}: {
  readonly agent: Agent;
  readonly work: { running: number; queued: number } | undefined;
}) => (
  <li>
    <Link
      to="/p/$projectId/agents/$agentId"
      params={{ projectId: agent.project_id, agentId: agent.id }}
      className="grid h-full grid-cols-1 content-start gap-2 rounded-lg border border-line bg-raised p-4 transition-colors hover:border-line-strong hover:bg-surface"
    >
      <div className="flex items-center justify-between gap-3">
        <AgentName name={agent.name} />
        <AgentStatusMark status={agent.status} {...work} />
      </div>
      <p className="line-clamp-2 text-sm break-words text-ink-2">
        {agent.description === "" ? "No description." : harmlessLine(agent.description)}
      </p>
      <p className="text-xs break-words text-ink-3">
        {harmlessLine(agent.model.model ?? agent.model.tier)} · {manyText(agent.tools.length, "tool")} · version{" "}
        {agent.version}
      </p>
    </Link>
  </li>
);

/** The list. */
export const AgentsPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const pages = usePages(["agents", projectId, "all"], (cursor) => api.agents(projectId, { limit: 50, cursor }));
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list, "a");
  const { data: space } = useQuery(spaceQuery(projectId));
  const add = (
    <Link to="/p/$projectId/agents/new" params={{ projectId }} className={buttonClass({ look: "primary", size: "sm" })}>
      <Plus className="size-3.5" aria-hidden="true" /> New agent
    </Link>
  );
  return (
    <Page title="Agents" actions={add}>
      <Paged
        pages={pages}
        what="agents"
        empty={
          <EmptyState icon={<Bot />} title="No agents" action={add}>
            An agent is a prompt, a model and the tools it may ask for. Make one, then call it with @ in a chat.
          </EmptyState>
        }
      >
        {(agents) => (
          <ul ref={list} className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
            {agents.map((agent) => (
              <Card key={agent.id} agent={agent} work={space?.agents.find(({ id }) => id === agent.id)} />
            ))}
          </ul>
        )}
      </Paged>
    </Page>
  );
};
