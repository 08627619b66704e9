// One chat: what was said and done, as it happens, and the field to say more.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { PostMessageBody } from "#schema/api/chat.ts";
import { api } from "../../app/api.ts";
import { sessionsQuery } from "../../data/queries.ts";
import { memoryPassphrase } from "../../session/memory-passphrase.ts";
import { Badge } from "../../ui/badge.tsx";
import { PageHead } from "../../ui/page.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { toast, toastError } from "../../ui/toast.tsx";
import { Composer } from "./composer.tsx";
import { isGoing } from "./story.ts";
import { Transcript } from "./transcript.tsx";
import type { TurnActions } from "./turn-actions.ts";
import { useRoom } from "./use-room.ts";

const Chat = ({ projectId, sessionId }: { readonly projectId: string; readonly sessionId: string }) => {
  const { view, earlier } = useRoom(projectId, sessionId);
  const navigate = useNavigate();
  const given = useSyncExternalStore(memoryPassphrase.subscribe, memoryPassphrase.now);
  const { data: sessions } = useQuery(sessionsQuery(projectId));
  const session = sessions?.find(({ id }) => id === sessionId);
  const { story } = view;
  const say = useMutation({
    mutationFn: (body: PostMessageBody) => api.post(sessionId, body, 0, memoryPassphrase.forChats()),
  });
  const going = Object.values(story.runs).filter(isGoing);
  const actions: TurnActions = {
    stop: (runId) => api.cancel(projectId, runId).then(() => toast("Stopped"), toastError),
    again: (content, agent) =>
      say.mutate({ content, ...(agent === null ? {} : { target_agent: agent }) }, { onError: toastError }),
    forkAt: (seq) =>
      api.fork(sessionId, seq).then((room) => {
        toast("This chat continues from there; the other one is as it was");
        return navigate({ to: "/p/$projectId/chat/$sessionId", params: { projectId, sessionId: room.id } });
      }, toastError),
  };
  const title = harmlessLine(story.title ?? session?.title ?? "Chat");
  return (
    <>
      <PageHead title={title}>
        {given?.inChats ? <Badge tone="accent">with sealed memories</Badge> : null}
        {session?.zone === "high_stakes" ? <Badge tone="danger">high stakes</Badge> : null}
        {session?.zone === "sandbox" ? <Badge>sandbox</Badge> : null}
        {view.isUp || view.state !== "ready" ? null : <Badge tone="warn">reconnecting…</Badge>}
      </PageHead>
      {view.state === "failed" && story.entries.length === 0 ? (
        <ErrorState error={view.error} onRetry={() => navigate({ to: ".", replace: true, reloadDocument: true })} />
      ) : (
        <>
          {view.state === "loading" ? (
            <div className="mx-auto w-full max-w-3xl flex-1 px-6 py-8">
              <SkeletonLines count={6} what="Loading the chat" />
            </div>
          ) : (
            <Transcript view={view} onEarlier={earlier} actions={actions} saidAt={say.submittedAt} />
          )}
          <div className="mx-auto w-full max-w-3xl px-6 pt-1 pb-5 max-md:px-3 max-md:pb-3">
            <Composer
              projectId={projectId}
              busy={story.deleted}
              onSend={(content) => say.mutateAsync({ content })}
              onStop={going.length === 0 ? undefined : () => void going.map(({ id }) => actions.stop(id))}
            />
          </div>
        </>
      )}
    </>
  );
};

/** The page. */
export const ChatPage = () => {
  const { projectId = "", sessionId = "" } = useParams({ strict: false });
  return <Chat key={sessionId} projectId={projectId} sessionId={sessionId} />;
};
