// The plans of a project: every run of the team, newest first.
import { Link, useParams } from "@tanstack/react-router";
import { RunList } from "../../log/run-list.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";

/** The page. */
export const PlansPage = () => {
  const { projectId = "" } = useParams({ strict: false });
  return (
    <Page title="Plans">
      <RunList
        projectId={projectId}
        mode="orchestrated"
        to="/p/$projectId/plan/$runId"
        empty={{
          title: "No plan yet",
          text: "Ask for something without naming an agent: the team plans it as steps, and its plan can be seen, changed and watched here.",
          action: (
            <Link to="/p/$projectId/chat" params={{ projectId }} className={buttonClass({ look: "primary" })}>
              Ask the team
            </Link>
          ),
        }}
      />
    </Page>
  );
};
