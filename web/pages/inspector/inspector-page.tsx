// Everything that ran in a project, and the log behind it.
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { RunList } from "../../log/run-list.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { EventPanel } from "./event-panel.tsx";
import { VerifyLog } from "./verify-log.tsx";

/** The page. */
export const InspectorPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  const { seq } = useSearch({ strict: false });
  const navigate = useNavigate();
  const look = (next: number | undefined) =>
    navigate({ to: "/p/$projectId/inspector", params: { projectId }, search: { seq: next }, replace: true });
  return (
    <>
      <PageHead title="Inspector">
        <VerifyLog projectId={projectId} />
      </PageHead>
      <div className="flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-y-auto">
          <div className="mx-auto w-full max-w-3xl px-6 py-6 max-md:px-4">
            <RunList
              projectId={projectId}
              to="/p/$projectId/inspector/$runId"
              empty={{
                title: "Nothing has run yet",
                text: "Ask an agent something. Every step, model call and tool call of the answer can then be looked at here.",
                action: (
                  <Link to="/p/$projectId/chat" params={{ projectId }} className={buttonClass({ look: "primary" })}>
                    Begin a chat
                  </Link>
                ),
              }}
            />
          </div>
        </div>
        {seq === undefined ? null : (
          <EventPanel projectId={projectId} seq={seq} onGo={look} onClose={() => look(undefined)} />
        )}
      </div>
    </>
  );
};
