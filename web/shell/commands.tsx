// The commands of the palette: places, projects, recent sessions, the theme, the door.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  FolderKanban,
  FolderPlus,
  Keyboard,
  LogOut,
  MessageSquare,
  Monitor,
  Moon,
  Plus,
  Sparkles,
  Sun,
} from "lucide-react";
import { harmlessLine } from "#client/terminal/harmless.ts";
import type { Project } from "#schema/api/projects.ts";
import { sessionsQuery } from "../data/queries.ts";
import type { Command } from "./command-palette.tsx";
import { PLACES } from "./nav.ts";
import { signOut } from "./sign-out.ts";
import { chooseTheme, THEMES } from "./theme.ts";

const THEME_ICON = { system: <Monitor />, light: <Sun />, dark: <Moon /> } as const;
const RECENT = 30;

/** All commands, for the project at hand. */
export const useCommands = (
  current: Project | undefined,
  projects: readonly Project[],
  open: (what: "new-project" | "help") => void,
): readonly Command[] => {
  const navigate = useNavigate();
  const { data: sessions = [] } = useQuery({
    ...sessionsQuery(current?.id ?? ""),
    enabled: current !== undefined,
  });
  const here = current?.id;
  return [
    ...(here === undefined
      ? []
      : [
          {
            id: "new-chat",
            label: "New chat",
            icon: <Plus />,
            run: () => navigate({ to: "/p/$projectId/chat", params: { projectId: here } }),
          },
        ]),
    ...PLACES.map(({ label, to, icon: Icon, key }) => ({
      id: `go ${label}`,
      label: `Go to ${label}`,
      keys: `g ${key}`,
      icon: <Icon />,
      run: () => navigate({ to, params: { projectId: here ?? "" } }),
    })),
    ...(here === undefined
      ? []
      : [
          {
            id: "start",
            label: "First steps",
            also: "connect a folder device",
            icon: <Sparkles />,
            run: () => navigate({ to: "/p/$projectId/start", params: { projectId: here } }),
          },
        ]),
    ...projects
      .filter(({ id }) => id !== here)
      .map(({ id, name }) => ({
        id: `project ${id}`,
        label: `Switch to ${harmlessLine(name)}`,
        also: "project",
        hint: "project",
        icon: <FolderKanban />,
        run: () => navigate({ to: "/p/$projectId/chat", params: { projectId: id } }),
      })),
    { id: "new-project", label: "New project…", icon: <FolderPlus />, run: () => open("new-project") },
    ...sessions.slice(0, RECENT).map(({ id, title, project_id: projectId }) => ({
      id: `session ${id}`,
      label: harmlessLine(title),
      hint: "chat",
      icon: <MessageSquare />,
      run: () => navigate({ to: "/p/$projectId/chat/$sessionId", params: { projectId, sessionId: id } }),
    })),
    ...THEMES.map((theme) => ({
      id: `theme ${theme}`,
      label: theme === "system" ? "Theme: as the system" : `Theme: ${theme}`,
      icon: THEME_ICON[theme],
      run: () => chooseTheme(theme),
    })),
    {
      id: "help",
      label: "Keys",
      also: "keyboard shortcuts help",
      keys: "?",
      icon: <Keyboard />,
      run: () => open("help"),
    },
    { id: "sign-out", label: "Sign out", icon: <LogOut />, run: signOut },
  ];
};
