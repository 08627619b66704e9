// Every question that waits, over all projects, the one that ends first at the top.
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useRef } from "react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Approval } from "#schema/api/approvals.ts";
import { APPROVAL_CARD, ApprovalCard } from "../../approval/approval-card.tsx";
import { openApprovalsQuery, projectsQuery } from "../../data/queries.ts";
import { ChatLink } from "../../ui/chat-link.tsx";
import { Keys } from "../../ui/keys.tsx";
import { Page } from "../../ui/page.tsx";
import { SkeletonLines } from "../../ui/skeleton.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { useRowKeys } from "../../ui/use-row-keys.ts";

const MOST_SHOWN = 100;

const Where = ({ approval }: { readonly approval: Approval }) => {
  const { data: projects = [] } = useQuery(projectsQuery);
  const { project_id: projectId, session_id: sessionId, requested_at: at } = approval;
  const name = harmlessLine(projects.find(({ id }) => id === projectId)?.name ?? "another project");
  return (
    <p className="text-xs text-ink-3">
      {name} · <TimeAgo at={at} />
      {sessionId === null ? null : (
        <>
          {" · "}
          <ChatLink projectId={projectId} sessionId={sessionId}>
            Go to the chat
          </ChatLink>
        </>
      )}
    </p>
  );
};

/** The inbox. */
export const ApprovalsPage = () => {
  const { data, error, isPending, refetch } = useQuery(openApprovalsQuery);
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list, APPROVAL_CARD);
  const waiting = data?.toSorted((one, other) => one.expires_at.localeCompare(other.expires_at));
  return (
    <Page title="Approvals" narrow>
      {isPending ? <SkeletonLines what="Loading approvals" /> : null}
      {error === null || data !== undefined ? null : <ErrorState error={error} onRetry={() => refetch()} />}
      {waiting?.length === 0 ? (
        <EmptyState icon={<ShieldCheck />} title="Nothing waits for you">
          When an agent wants to write a file, or a plan is large, it asks here and in its chat. No answer counts as no.
        </EmptyState>
      ) : null}
      {waiting === undefined || waiting.length === 0 ? null : (
        <p className="mb-4 text-xs text-ink-3 max-md:hidden">
          <Keys keys="j" /> <Keys keys="k" /> go from one to the next; the letters on a card’s buttons answer the one
          that has the focus.
        </p>
      )}
      <div ref={list} className="grid grid-cols-1 gap-4">
        {waiting?.map((approval) => (
          <ApprovalCard
            key={approval.id}
            asked={{
              id: approval.id,
              kind: approval.kind,
              agent: approval.agent?.name ?? approval.requested_by,
              tool: approval.tool,
              title: approval.title,
              arguments: approval.arguments,
              argumentsHash: approval.arguments_hash,
              reasonCodes: approval.reason_codes,
              expiresAt: approval.expires_at,
              held: approval.held_at !== null,
              runId: approval.run_id,
            }}
            projectId={approval.project_id}
            context={<Where approval={approval} />}
          />
        ))}
      </div>
      {waiting !== undefined && waiting.length >= MOST_SHOWN ? (
        <p className="mt-4 text-center text-xs text-ink-3">
          These are the first {MOST_SHOWN}. As they are answered, the others take their places.
        </p>
      ) : null}
    </Page>
  );
};
