// The pictures there are of the console: which page, how large, in which theme, and what is opened on it first.
import type { Page } from "playwright-core";
import type { Household } from "./household.ts";

export type Theme = "light" | "dark";

/** A picture. */
export interface Shot {
  readonly name: string;
  readonly path: (house: Household) => string;
  readonly themes: readonly Theme[];
  /** Also seen to be there before it is taken. */
  readonly ready: (page: Page) => Promise<unknown>;
  readonly size?: { readonly width: number; readonly height: number };
}

const BOTH = ["light", "dark"] as const;
const LIGHT = ["light"] as const;
const PHONE = { width: 390, height: 780 };

const project = ({ account }: Household, rest: string): string => `/p/${account.projectId}/${rest}`;
const kept = (page: Page, count: number) =>
  page
    .locator('[data-answer="kept"]')
    .nth(count - 1)
    .waitFor();
const heading = (page: Page, name: string) => page.getByRole("heading", { name }).first().waitFor();

/** All of them. */
export const SHOTS: readonly Shot[] = [
  {
    name: "chat",
    path: (house) => project(house, `chat/${house.chats.team}`),
    themes: BOTH,
    ready: (page) => kept(page, 1),
  },
  {
    name: "citations",
    path: (house) => project(house, `chat/${house.chats.asked}`),
    themes: LIGHT,
    ready: (page) => kept(page, 3),
  },
  {
    name: "plan",
    path: (house) => project(house, `plan/${house.plans.waiting}`),
    themes: BOTH,
    ready: async (page) => {
      await page.getByRole("button", { name: "Change it" }).click();
      await page.locator('[data-plan-step="s4"]').click();
      await page.getByLabel("What it is asked to do").waitFor();
    },
  },
  {
    name: "approvals",
    path: () => "/approvals",
    themes: BOTH,
    ready: async (page) => {
      await page
        .getByRole("article", { name: /asks for approval/ })
        .nth(1)
        .waitFor();
      await page.locator(".diff").first().waitFor();
    },
  },
  {
    name: "timeline",
    path: (house) => project(house, "timeline"),
    themes: LIGHT,
    ready: (page) => page.locator("a[data-seq]").nth(12).waitFor(),
  },
  {
    name: "inspector",
    path: (house) => project(house, `inspector/${house.plans.done}`),
    themes: BOTH,
    ready: async (page) => {
      await page.locator('[data-span="call"]').first().click();
      await page.locator('[data-proof][data-holds="true"]').nth(2).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "agent",
    path: (house) => project(house, `agents/${house.agentId}?tab=context`),
    themes: LIGHT,
    ready: (page) => page.getByText("docs/harbours.md").first().waitFor(),
  },
  {
    name: "memory",
    path: () => "/memory",
    themes: LIGHT,
    ready: (page) => page.getByText("Port Isaac").first().waitFor(),
  },
  {
    name: "schedules",
    path: (house) => project(house, "schedules"),
    themes: LIGHT,
    ready: (page) => page.getByText("Weekly review").first().waitFor(),
  },
  {
    name: "usage",
    path: (house) => project(house, "usage"),
    themes: LIGHT,
    ready: (page) => page.locator("canvas").first().waitFor(),
  },
  {
    name: "settings",
    path: (house) => project(house, "settings"),
    themes: LIGHT,
    ready: (page) => heading(page, "Settings"),
  },
  {
    name: "phone",
    path: (house) => project(house, `chat/${house.chats.waiting}`),
    themes: BOTH,
    size: PHONE,
    ready: (page) => page.getByRole("article", { name: /asks for approval/ }).waitFor(),
  },
];
