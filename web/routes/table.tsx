// Every page there is, and where. A page is a folder under web/pages, loaded when it is opened; a new one takes one route here
// and, if people are to find it, one line in shell/nav.ts.
import { createRootRoute, createRoute, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { z } from "zod";
import { pageOf } from "../app/pieces.ts";
import { SeqSearch } from "../pages/inspector/seq-search.ts";
import { PlanSearch } from "../pages/plan/plan-search.ts";
import { TimelineSearch } from "../pages/timeline/timeline-search.ts";
import { onlyStrangers, requireProject, requireSession, toBeginning } from "./guard.ts";
import { Failed, NotFound, ProjectFailed, Waiting } from "./in-between.tsx";

const root = createRootRoute({
  component: Outlet,
  pendingComponent: Waiting,
  notFoundComponent: NotFound,
  errorComponent: Failed,
});

const Next = z.object({ next: z.string().optional().catch(undefined) });
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: Next,
  beforeLoad: onlyStrangers,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/sign-in/sign-in-page.tsx")), "SignInPage"),
});
const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch: Next,
  beforeLoad: onlyStrangers,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/sign-in/sign-in-page.tsx")), "RegisterPage"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: requireSession,
  pendingComponent: Waiting,
  errorComponent: Failed,
  component: lazyRouteComponent(() => pageOf(() => import("../shell/shell.tsx")), "Shell"),
});
const beginning = createRoute({ getParentRoute: () => inside, path: "/", beforeLoad: toBeginning });

const approvals = createRoute({
  getParentRoute: () => inside,
  path: "/approvals",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/approvals/approvals-page.tsx")), "ApprovalsPage"),
});

const project = createRoute({
  getParentRoute: () => inside,
  path: "/p/$projectId",
  beforeLoad: requireProject,
  errorComponent: ProjectFailed,
});
const start = createRoute({
  getParentRoute: () => project,
  path: "start",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/first-run/first-run-page.tsx")), "FirstRunPage"),
});
const newChat = createRoute({
  getParentRoute: () => project,
  path: "chat",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/chat/new-chat-page.tsx")), "NewChatPage"),
});
const chat = createRoute({
  getParentRoute: () => project,
  path: "chat/$sessionId",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/chat/chat-page.tsx")), "ChatPage"),
});
const timeline = createRoute({
  getParentRoute: () => project,
  path: "timeline",
  validateSearch: TimelineSearch,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/timeline/timeline-page.tsx")), "TimelinePage"),
});
const inspector = createRoute({
  getParentRoute: () => project,
  path: "inspector",
  validateSearch: SeqSearch,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/inspector/inspector-page.tsx")), "InspectorPage"),
});
const inspectedRun = createRoute({
  getParentRoute: () => project,
  path: "inspector/$runId",
  validateSearch: SeqSearch,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/inspector/run-page.tsx")), "RunPage"),
});
const plans = createRoute({
  getParentRoute: () => project,
  path: "plan",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/plan/plans-page.tsx")), "PlansPage"),
});
const plan = createRoute({
  getParentRoute: () => project,
  path: "plan/$runId",
  validateSearch: PlanSearch,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/plan/plan-page.tsx")), "PlanPage"),
});

const agents = createRoute({
  getParentRoute: () => project,
  path: "agents",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/agents/agents-page.tsx")), "AgentsPage"),
});
const newAgent = createRoute({
  getParentRoute: () => project,
  path: "agents/new",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/agents/new-agent-page.tsx")), "NewAgentPage"),
});
const Tab = z.object({ tab: z.string().optional().catch(undefined) });
const agent = createRoute({
  getParentRoute: () => project,
  path: "agents/$agentId",
  validateSearch: Tab,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/agents/agent-page.tsx")), "AgentPage"),
});
const memory = createRoute({
  getParentRoute: () => inside,
  path: "/memory",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/memory/memory-page.tsx")), "MemoryPage"),
});
const schedules = createRoute({
  getParentRoute: () => project,
  path: "schedules",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/schedules/schedules-page.tsx")), "SchedulesPage"),
});
const incidents = createRoute({
  getParentRoute: () => project,
  path: "incidents",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/incidents/incidents-page.tsx")), "IncidentsPage"),
});
const devices = createRoute({
  getParentRoute: () => project,
  path: "devices",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/devices/devices-page.tsx")), "DevicesPage"),
});
const usage = createRoute({
  getParentRoute: () => project,
  path: "usage",
  component: lazyRouteComponent(() => pageOf(() => import("../pages/usage/usage-page.tsx")), "UsagePage"),
});
const settings = createRoute({
  getParentRoute: () => project,
  path: "settings",
  validateSearch: Tab,
  component: lazyRouteComponent(() => pageOf(() => import("../pages/settings/settings-page.tsx")), "SettingsPage"),
});

/** All of them. */
export const routeTree = root.addChildren([
  signIn,
  register,
  inside.addChildren([
    beginning,
    approvals,
    memory,
    project.addChildren([
      start,
      newChat,
      chat,
      plans,
      plan,
      timeline,
      inspector,
      inspectedRun,
      agents,
      newAgent,
      agent,
      schedules,
      incidents,
      devices,
      usage,
      settings,
    ]),
  ]),
]);
