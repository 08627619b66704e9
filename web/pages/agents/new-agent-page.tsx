// A new agent: a name and a prompt are enough.
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { createAgent } from "#client/sdk/agents.ts";
import { api } from "../../app/api.ts";
import { Page } from "../../ui/page.tsx";
import { toast } from "../../ui/toast.tsx";
import { emptyDraft } from "./agent-draft.ts";
import { AgentForm } from "./agent-form.tsx";

/** The form of an agent that is not there yet. */
export const NewAgentPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const [initial] = useState(emptyDraft);
  return (
    <Page title="New agent" narrow>
      <AgentForm
        initial={initial}
        act="Make it"
        save={async (config) => {
          const { id, name } = await createAgent(api.http, projectId, config);
          toast(`@${name} is ready.`);
          await navigate({ to: "/p/$projectId/agents/$agentId", params: { projectId, agentId: id } });
        }}
      />
    </Page>
  );
};
