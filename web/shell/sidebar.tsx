// Project, places, chats, account: what is always at hand.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search, SquarePen } from "lucide-react";
import type { Project } from "#schema/api/projects.ts";
import { openApprovalsQuery } from "../data/queries.ts";
import { useLineUp } from "../live/feed-context.tsx";
import { Count, Dot } from "../ui/badge.tsx";
import { Keys } from "../ui/keys.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { PLACES } from "./nav.ts";
import { ProjectSwitcher } from "./project-switcher.tsx";
import { SessionLinks } from "./session-links.tsx";

const LINK =
  "flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 transition-colors hover:bg-hover hover:text-ink [&.active]:bg-hover [&.active]:font-medium [&.active]:text-ink [&_svg]:size-4 [&_svg]:text-ink-3";

/** The sidebar; on a phone it is what the drawer holds. */
export const Sidebar = ({
  current,
  all,
  onNewProject,
  onPalette,
}: {
  readonly current: Project | undefined;
  readonly all: readonly Project[];
  readonly onNewProject: () => void;
  readonly onPalette: () => void;
}) => {
  const { data: waiting = [] } = useQuery(openApprovalsQuery);
  const projectId = current?.id ?? "";
  return (
    <div className="flex h-full flex-col bg-surface">
      <div className="flex items-center gap-1 px-2.5 pt-2.5">
        <ProjectSwitcher current={current} all={all} onNew={onNewProject} />
        <Tooltip text="New chat">
          <Link
            to="/p/$projectId/chat"
            params={{ projectId }}
            aria-label="New chat"
            className="inline-flex size-7 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <SquarePen className="size-4" />
          </Link>
        </Tooltip>
      </div>
      <div className="px-2.5 pt-2">
        <button
          type="button"
          onClick={onPalette}
          className="flex h-8 w-full items-center gap-2.5 rounded-md border border-line bg-canvas px-2 text-ink-3 transition-colors hover:border-line-strong hover:text-ink-2"
        >
          <Search className="size-4" aria-hidden="true" />
          <span className="flex-1 text-left">Search or do…</span>
          <Keys keys="mod k" />
        </button>
      </div>
      <nav aria-label="Places" className="grid grid-cols-1 gap-px px-2.5 pt-2.5">
        {PLACES.map(({ label, to, icon: Icon, counts }) => (
          <Link key={label} to={to} params={{ projectId }} className={LINK}>
            <Icon aria-hidden="true" />
            <span className="flex-1">{label}</span>
            {counts === "approvals" ? <Count count={waiting.length} what="waiting" /> : null}
          </Link>
        ))}
      </nav>
      <SessionLinks projectId={projectId} />
      <Offline />
      <div className="border-t border-line p-2.5">
        <AccountMenu />
      </div>
    </div>
  );
};

const Offline = () => {
  const isUp = useLineUp();
  return isUp ? null : (
    <p role="status" className="flex items-center gap-2 px-4.5 py-2 text-xs text-warn">
      <Dot tone="warn" live /> Reconnecting…
    </p>
  );
};
