// Which project is at hand, and the way to another or a new one.
import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown, FolderPlus } from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Project } from "#schema/api/projects.ts";
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLine } from "../ui/menu.tsx";

/** The menu at the head of the sidebar. */
export const ProjectSwitcher = ({
  current,
  all,
  onNew,
}: {
  readonly current: Project | undefined;
  readonly all: readonly Project[];
  readonly onNew: () => void;
}) => {
  const navigate = useNavigate();
  const name = current === undefined ? "Choose a project" : harmlessLine(current.name);
  return (
    <Menu
      wide
      trigger={
        <button
          type="button"
          className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left transition-colors hover:bg-hover data-[state=open]:bg-hover"
        >
          <img src="/console-mark.svg" alt="" className="size-5 shrink-0" />
          <span className="min-w-0 flex-1 truncate font-semibold tracking-tight">{name}</span>
          <span className="sr-only">, project; choose another</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
        </button>
      }
    >
      <MenuHeading>Projects</MenuHeading>
      {all.map((project) => (
        <MenuChoice
          key={project.id}
          chosen={project.id === current?.id}
          onSelect={() => navigate({ to: "/p/$projectId/chat", params: { projectId: project.id } })}
        >
          {harmlessLine(project.name)}
        </MenuChoice>
      ))}
      <MenuLine />
      <MenuItem icon={<FolderPlus />} onSelect={onNew}>
        New project…
      </MenuItem>
    </Menu>
  );
};
