// A chat that has not begun: nothing but the field, and who there is to ask.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { FolderOpen } from "lucide-react";
import { useState } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { api } from "../../app/api.ts";
import { agentsQuery, spaceQuery } from "../../data/queries.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { Dot } from "../../ui/badge.tsx";
import { PageHead } from "../../ui/page.tsx";
import { AGENT_TONE } from "../agents/status.tsx";
import { beginChat } from "./begin-chat.ts";
import { Composer } from "./composer.tsx";

/** The page. */
export const NewChatPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const { data: agents = [] } = useQuery(agentsQuery(projectId));
  const { data: space } = useQuery(spaceQuery(projectId));
  const [address, setAddress] = useState<{ readonly name: string } | null>(null);
  const begin = useMutation({
    mutationFn: (content: string) => beginChat(api, projectId, content, memoryPassphrase.forChats()),
    onSuccess: ({ id }) => navigate({ to: "/p/$projectId/chat/$sessionId", params: { projectId, sessionId: id } }),
  });
  return (
    <>
      <PageHead title="New chat" />
      <div className="flex min-h-0 flex-1 flex-col items-center justify-center overflow-y-auto px-4 pb-[12dvh]">
        <div className="w-full max-w-2xl">
          <h2 className="mb-5 text-center text-2xl font-semibold tracking-tight text-balance">What shall we do?</h2>
          <Composer
            projectId={projectId}
            busy={begin.isPending}
            address={address}
            onSend={(content) => begin.mutateAsync(content)}
          />
          <ul aria-label="Agents" className="mt-4 flex flex-wrap justify-center gap-2">
            {agents.map(({ id, name, description, status }) => (
              <li key={id}>
                <button
                  type="button"
                  title={harmlessLine(description)}
                  onClick={() => setAddress({ name })}
                  className="flex items-center gap-2 rounded-full border border-line px-2.5 py-1 text-xs text-ink-2 transition-colors hover:border-accent hover:text-ink"
                >
                  <Dot tone={AGENT_TONE[status]} live={status === "busy"} />@{name}
                </button>
              </li>
            ))}
          </ul>
          {space !== undefined && space.devices.length === 0 ? (
            <p className="mt-6 flex items-center justify-center gap-2 text-xs text-ink-3">
              <FolderOpen className="size-4" aria-hidden="true" /> No folder is connected.
              <Link
                to="/p/$projectId/start"
                params={{ projectId }}
                className="text-accent underline underline-offset-2"
              >
                Connect one
              </Link>
            </p>
          ) : null}
        </div>
      </div>
    </>
  );
};
