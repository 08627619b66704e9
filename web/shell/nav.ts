// What stands in the sidebar and in the command palette. One line a page; a page that does not exist yet has none.
import type { LinkProps } from "@tanstack/react-router";
import {
  Bot,
  Brain,
  CalendarClock,
  ChartColumn,
  History,
  Laptop,
  type LucideIcon,
  MessageSquare,
  Microscope,
  Settings,
  ShieldCheck,
  Siren,
  Workflow,
} from "lucide-react";

/** A place to go. Those with `$projectId` in their address are about the project at hand. */
export interface Place {
  readonly label: string;
  readonly to: NonNullable<LinkProps["to"]>;
  readonly icon: LucideIcon;
  /** Pressed after `g`. */
  readonly key: string;
  /** Shows how many questions wait. */
  readonly counts?: "approvals";
}

/** The places, in their order. */
export const PLACES: readonly Place[] = [
  { label: "Chat", to: "/p/$projectId/chat", icon: MessageSquare, key: "c" },
  { label: "Approvals", to: "/approvals", icon: ShieldCheck, key: "a", counts: "approvals" },
  { label: "Plans", to: "/p/$projectId/plan", icon: Workflow, key: "p" },
  { label: "Timeline", to: "/p/$projectId/timeline", icon: History, key: "t" },
  { label: "Inspector", to: "/p/$projectId/inspector", icon: Microscope, key: "i" },
  { label: "Agents", to: "/p/$projectId/agents", icon: Bot, key: "n" },
  { label: "Memory", to: "/memory", icon: Brain, key: "m" },
  { label: "Schedules", to: "/p/$projectId/schedules", icon: CalendarClock, key: "s" },
  { label: "Incidents", to: "/p/$projectId/incidents", icon: Siren, key: "x" },
  { label: "Devices", to: "/p/$projectId/devices", icon: Laptop, key: "d" },
  { label: "Usage & budget", to: "/p/$projectId/usage", icon: ChartColumn, key: "u" },
  { label: "Settings", to: "/p/$projectId/settings", icon: Settings, key: "," },
];
