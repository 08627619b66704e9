// Every page of the console, with something on it, in both themes and at two widths: axe finds no fault with it, and nothing is
// wider than a phone. A route that is missing from the table fails.
import { createRouter } from "@tanstack/react-router";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { newVisitor, objectionsTo, startBrowser, type Visitor } from "#tests/support/browser.ts";
import { HOUSEHOLD_SERVER, type Household, settleIn } from "../../scripts/screenshots/household.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const DESK = { width: 1280, height: 820 };
const PHONE = { width: 390, height: 780 };

/** Its questions are still open when their page is looked at, however slow the machine is. */
const SERVER = { ...HOUSEHOLD_SERVER, APPROVAL_TIMEOUT_SECONDS: "3600" };
/** By its name alone: the console is compiled by rules of its own. */
const ROUTES: string = "#web/routes/table.tsx";

/** A page of a route: where it is, and what has to be seen there. */
interface Opened {
  readonly at: string;
  readonly see: (page: Page) => Promise<unknown>;
}

let server: Server;
let browser: Browser;
let house: Household;
let ada: Visitor;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer({ env: SERVER }), startBrowser()]);
  house = await settleIn(server.url, "ada@example.com");
  ada = await newVisitor(browser, server.url);
});
afterAll(async () => {
  house?.close();
  await browser?.close();
  await server?.stop();
});

const text = (words: string) => (page: Page) => page.getByRole("main").getByText(words).first().waitFor();
const button = (name: string) => (page: Page) => page.getByRole("button", { name }).first().waitFor();
const some = (selector: string) => (page: Page) => page.locator(selector).first().waitFor();

/** Before anybody is signed in. */
const OUTSIDE: Readonly<Record<string, Opened>> = {
  "/sign-in": { at: "/sign-in", see: button("Sign in") },
  "/register": { at: "/register", see: button("Make my account") },
};

/** What is opened of each route; addresses without a slash before them are the project's. */
const INSIDE: Readonly<Record<string, (house: Household) => readonly Opened[]>> = {
  "/": () => [{ at: "/", see: button("ada@example.com") }],
  "/approvals": () => [{ at: "/approvals", see: some(".diff") }],
  "/memory": () => [{ at: "/memory", see: text("Port Isaac") }],
  "/p/$projectId/start": () => [{ at: "start", see: text("is connected") }],
  "/p/$projectId/chat": () => [{ at: "chat", see: some("textarea") }],
  "/p/$projectId/chat/$sessionId": ({ chats }) => [
    { at: `chat/${chats.asked}`, see: text("Sources") },
    { at: `chat/${chats.team}`, see: text("Plan · 3 of 3") },
    { at: `chat/${chats.waiting}`, see: some(".diff") },
  ],
  "/p/$projectId/plan": () => [{ at: "plan", see: text("waits for you") }],
  "/p/$projectId/plan/$runId": ({ plans }) => [
    { at: `plan/${plans.done}`, see: some("[data-plan-step]") },
    { at: `plan/${plans.waiting}`, see: button("Change it") },
  ],
  "/p/$projectId/timeline": () => [{ at: "timeline", see: some("a[data-seq]") }],
  "/p/$projectId/inspector": () => [{ at: "inspector", see: button("Verify the log") }],
  "/p/$projectId/inspector/$runId": ({ plans }) => [{ at: `inspector/${plans.done}`, see: some('[data-span="call"]') }],
  "/p/$projectId/agents": () => [{ at: "agents", see: text("CodeAssistant") }],
  "/p/$projectId/agents/new": () => [{ at: "agents/new", see: some("textarea") }],
  "/p/$projectId/agents/$agentId": ({ agentId }) => [
    { at: `agents/${agentId}`, see: button("Save a new version") },
    { at: `agents/${agentId}?tab=versions`, see: text("concurrency_limit") },
    { at: `agents/${agentId}?tab=context`, see: text("docs/harbours.md") },
    { at: `agents/${agentId}?tab=metrics`, see: some("canvas") },
  ],
  "/p/$projectId/schedules": () => [{ at: "schedules", see: text("Weekly review") }],
  "/p/$projectId/incidents": () => [{ at: "incidents", see: text("Times for Whitby") }],
  "/p/$projectId/devices": () => [{ at: "devices", see: text("study") }],
  "/p/$projectId/usage": () => [{ at: "usage", see: some("canvas") }],
  "/p/$projectId/settings": () => [
    { at: "settings?tab=rules", see: button("Stop all writing…") },
    { at: "settings?tab=keys", see: text("harbour display") },
    { at: "settings?tab=browser", see: text("Kept in this browser.") },
  ],
};

/** Goes there the way a link does. */
const goTo = async (page: Page, { at, see }: Opened): Promise<void> => {
  const to = at.startsWith("/") ? at : `/p/${house.account.projectId}/${at}`;
  await page.evaluate((address) => history.pushState({}, "", address), to);
  await see(page);
};

/** What is wrong with the page as it stands. */
const faultsOf = async (page: Page): Promise<string[]> => {
  const faults = await objectionsTo(page);
  await page.setViewportSize(PHONE);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.setViewportSize(DESK);
  return over > 0 ? [...faults, `phone: ${over} pixels too wide`] : faults;
};

it("has a row for every route of the router", async () => {
  // The table of routes reaches for the page it is on.
  vi.stubGlobal("location", new URL("http://localhost/"));
  const { routeTree } = await import(ROUTES);
  const { routesByPath } = createRouter({ routeTree });
  vi.unstubAllGlobals();
  const routes = Object.keys(routesByPath).filter((path) => path !== "/p/$projectId");
  expect([...Object.keys(OUTSIDE), ...Object.keys(INSIDE)].toSorted()).toEqual(routes.toSorted());
});

it.each(Object.keys(OUTSIDE))("can be used by everybody at %s", async (route) => {
  const { page } = ada;
  const opened = OUTSIDE[route];
  if (opened === undefined) throw new Error(`${route} has no row`);
  await page.goto(`${server.url}${opened.at}`);
  await opened.see(page);
  expect(await faultsOf(page)).toEqual([]);
});

it("can be entered", async () => {
  const { page } = ada;
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail").fill(house.account.email);
  await page.getByLabel("Password").fill(house.account.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/p\//);
});

it.each(Object.keys(INSIDE))("can be used by everybody at %s", async (route) => {
  for (const opened of INSIDE[route]?.(house) ?? []) {
    await goTo(ada.page, opened);
    expect({ at: opened.at, faults: await faultsOf(ada.page) }).toEqual({ at: opened.at, faults: [] });
  }
});

it.each([
  ["agents", "Search or do…"],
  ["schedules", "New schedule"],
  ["incidents", "Open one"],
  ["agents/:agent?tab=context", "Tidy up…"],
  ["settings?tab=keys", "New key"],
  ["settings?tab=rules", "Stop all writing…"],
])("can be used by everybody in what opens over %s by “%s”", async (place, name) => {
  const { page } = ada;
  const opener = page.getByRole("button", { name }).first();
  await goTo(page, { at: place.replace(":agent", house.agentId), see: () => opener.waitFor() });
  await opener.click();
  await page.locator("dialog[open]").waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "hidden" });
});

it("was refused nothing by its policy, and asked nobody else for anything", () => {
  expect(ada.wrongs).toEqual([]);
});
