// One agent: its configuration, its versions, what it can look up, and how it does.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { changeAgent, deleteAgent } from "#client/sdk/agents.ts";
import type { Agent } from "#schema/api/agents.ts";
import { api } from "../../app/api.ts";
import { spaceQuery } from "../../data/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/form-dialog.tsx";
import { NotYet } from "../../ui/not-yet.tsx";
import { Page } from "../../ui/page.tsx";
import { TabLinks } from "../../ui/tab-links.tsx";
import { toast } from "../../ui/toast.tsx";
import { configOf, draftOf } from "./agent-draft.ts";
import { AgentForm } from "./agent-form.tsx";
import { ContextTab } from "./context-tab.tsx";
import { MetricsTab } from "./metrics-tab.tsx";
import { agentQuery } from "./queries.ts";
import { AgentStatusMark } from "./status.tsx";
import { VersionsTab } from "./versions-tab.tsx";

const TABS = { settings: "Settings", versions: "Versions", context: "Context", metrics: "Metrics" } as const;
type Tab = keyof typeof TABS;

const isTab = (text: string): text is Tab => Object.hasOwn(TABS, text);

/** The page of one agent. */
export const AgentPage = () => {
  const { projectId = "", agentId = "" } = useParams({ strict: false });
  const { tab: asked = "settings" } = useSearch({ strict: false });
  const tab = isTab(asked) ? asked : "settings";
  const { data: agent, error, refetch } = useQuery(agentQuery(projectId, agentId));
  const { data: space } = useQuery(spaceQuery(projectId));
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  if (agent === undefined)
    return (
      <Page title="Agent">
        <NotYet of={{ error, refetch }} what="the agent" />
      </Page>
    );
  const work = space?.agents.find(({ id }) => id === agent.id);
  return (
    <Page
      title={`@${agent.name}`}
      actions={
        <>
          <AgentStatusMark status={agent.status} running={work?.running ?? 0} queued={work?.queued ?? 0} />
          <Button size="sm" look="danger" icon={<Trash2 className="size-3.5" />} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </>
      }
    >
      <p className="mb-3 text-xs text-ink-3">
        <Link to="/p/$projectId/agents" params={{ projectId }} className="text-accent underline underline-offset-2">
          All agents
        </Link>{" "}
        · version {agent.version}
      </p>
      <TabLinks
        label="Parts of this agent"
        chosen={tab}
        tabs={Object.entries(TABS).map(([value, label]) => ({
          label,
          value,
          link: { to: "/p/$projectId/agents/$agentId", params: { projectId, agentId }, search: { tab: value } },
        }))}
      />
      {tab === "settings" ? <Settings agent={agent} /> : null}
      {tab === "versions" ? <VersionsTab agent={agent} /> : null}
      {tab === "context" ? <ContextTab agentId={agent.id} /> : null}
      {tab === "metrics" ? <MetricsTab agentId={agent.id} /> : null}
      {deleting ? (
        <Confirm
          title={`Delete @${agent.name}?`}
          act="Delete it"
          keep="Keep it"
          onClose={() => setDeleting(false)}
          run={async () => {
            await deleteAgent(api.http, agent.id);
            toast(`@${agent.name} is deleted.`);
            await navigate({ to: "/p/$projectId/agents", params: { projectId } });
          }}
        >
          <p>What it knew goes with it: its whole context is cleared, and that cannot be undone.</p>
        </Confirm>
      ) : null}
    </Page>
  );
};

const Settings = ({ agent }: { readonly agent: Agent }) => {
  // What is being edited stays what it was, whoever changes the agent meanwhile: nobody's typing is taken away.
  const [base, setBase] = useState(agent);
  const initial = useMemo(() => draftOf(configOf(base)), [base]);
  return (
    <>
      {agent.version > base.version ? (
        <p
          role="status"
          className="mb-4 flex flex-wrap items-center gap-3 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"
        >
          Version {agent.version} was made meanwhile; what you see is version {base.version}.
          <Button size="sm" onClick={() => setBase(agent)}>
            Load version {agent.version}
          </Button>
        </p>
      ) : null}
      <AgentForm
        key={base.version}
        initial={initial}
        act="Save a new version"
        save={async (config) => {
          const saved = await changeAgent(api.http, agent.id, { ...config, if_version: base.version });
          setBase(saved);
          toast(`Version ${saved.version} is in force. Work already begun goes on with the one before.`);
        }}
      />
    </>
  );
};
