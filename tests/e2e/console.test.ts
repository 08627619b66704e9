// The console in a real browser, against a real server and a real folder: a stranger's way from the door to an answer, and
// that nobody else sees any of it. Nothing may be refused by the page's policy, said in its console, or asked of anybody else.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newVisitor, objectionsTo, registerAt, startBrowser, type Visitor } from "#tests/support/browser.ts";
import { type CuttableLine, layLine } from "#tests/support/cuttable-line.ts";
import { type Running, Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const EMAIL = "ada@example.com";
const PASSWORD = "correct horse battery";
/** Page loads share two cores with the server and with other tests. */
const PATIENT = { timeout: 60_000 };
const FACT = "Tells sailors when the water comes and goes";

const TEAMWORK =
  "Let the Architect describe package.json, have CodeAssistant list the files, then let DataAnalyst compare what both say";

let server: Server;
let browser: Browser;
let line: CuttableLine;
let ada: Visitor;
let shell: Shell;
let device: Running;
let place: string;
let chat: string;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer({ env: { RATE_LIMIT_PER_MINUTE: "0" } }), startBrowser()]);
  place = mkdtempSync(join(tmpdir(), "retinue-console-"));
  mkdirSync(join(place, "tides"));
  writeFileSync(join(place, "tides/package.json"), JSON.stringify({ name: "tide-table", description: FACT }));
  shell = new Shell(server.url, { RETINUE_PASSWORD: PASSWORD });
  line = await layLine(server.url);
  ada = await newVisitor(browser, line.url);
});
afterAll(async () => {
  shell?.close();
  await browser?.close();
  line?.close();
  await server?.stop();
  rmSync(place, { recursive: true, force: true });
});

const say = async (words: string) => {
  await ada.page.getByRole("textbox", { name: "Message" }).fill(words);
  await ada.page.keyboard.press("Enter");
};
const kept = () => ada.page.locator('[data-answer="kept"]');

it("is asked in at any address, makes an account, and is shown how to connect a folder", async () => {
  await ada.page.goto(`${line.url}/approvals`);
  await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await registerAt(ada, line.url, EMAIL, PASSWORD);
  await ada.page.getByRole("button", { name: "Copy the command" }).first().click();
  const command = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(command).toBe(`RETINUE_URL=${line.url} npm run -s retinue -- login ${EMAIL}`);
  expect((await shell.run("login", EMAIL)).code).toBe(0);
  device = shell.start("connect", join(place, "tides"));
  await ada.page.getByText("is connected").waitFor();
  expect(await ada.page.getByRole("status").textContent()).toContain("tides");
  expect(device.said().code).toBeNull();
});

it("asks an agent that is completed from its first letters, and sees the answer come from the real file", async () => {
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.pressSequentially("@code");
  await ada.page.getByRole("option", { name: /@CodeAssistant/ }).waitFor();
  await field.press("Tab");
  await field.pressSequentially("what does package.json say this project is?");
  await field.press("Enter");
  await kept().waitFor();
  expect(await kept().textContent()).toContain(FACT);
  chat = ada.page.url();
  expect(chat).toMatch(/\/p\/proj_\w+\/chat\/room_\w+$/);
  await ada.page.getByRole("button", { name: /^Read package\.json/ }).click();
  await ada.page.getByRole("region", { name: "What the agent was told" }).getByText(FACT).waitFor();
  expect(await ada.page.getByText(/ms · \$0 · [\d,]+ tokens · offline/).count()).toBe(1);
});

it("hears the words of an answer one piece after the other", async () => {
  await say("@CodeAssistant list the files here");
  await expect.poll(() => kept().count(), PATIENT).toBe(2);
  expect(ada.heard.filter((frame) => frame.includes('"event":"message_delta"')).length).toBeGreaterThan(3);
});

it("is asked before a file is written, sees all of it, and says yes with a key", async () => {
  await say('@CodeAssistant write NOTES.md with "High water at noon."');
  const card = ada.page.getByRole("article", { name: /asks for approval/ });
  await card.getByText("High water at noon.").waitFor();
  await ada.page.getByRole("link", { name: /Approvals 1 waiting/ }).waitFor();
  await card.focus();
  await ada.page.keyboard.press("a");
  await expect.poll(() => kept().count(), PATIENT).toBe(3);
  expect(readFileSync(join(place, "tides/NOTES.md"), "utf8")).toBe("High water at noon.");
});

it("sees a team's plan before it is carried out, and its steps to the end", async () => {
  await say(TEAMWORK);
  const card = ada.page.getByRole("article", { name: /asks for approval/ });
  await card.getByText("a plan of 3 steps").waitFor();
  await card.getByRole("button", { name: /^Approve/ }).click();
  await ada.page.getByText("Plan · 3 of 3").waitFor();
  await expect.poll(() => kept().count(), PATIENT).toBe(4);
  expect(await ada.page.locator('[data-step="completed"]').count()).toBe(3);
});

it("can be read by everybody: axe objects to nothing in a chat, in both themes", async () => {
  expect(await objectionsTo(ada.page)).toEqual([]);
});

it("has an agent changed and brought back, and all writing stopped and let go on", async () => {
  const page = await ada.tab();
  await page.goto(chat);
  const places = page.getByRole("navigation", { name: "Places" });
  await places.getByRole("link", { name: "Agents" }).click();
  await page
    .getByRole("main")
    .getByRole("link", { name: /CodeAssistant/ })
    .click();
  await page.getByLabel("Turns at once").fill("99");
  await page.getByRole("button", { name: "Save a new version" }).click();
  await page.getByText("Some fields do not fit yet").waitFor();
  await page.getByLabel("Turns at once").fill("3");
  await page.getByRole("button", { name: "Save a new version" }).click();
  await page.getByText("Version 2 is in force").waitFor();
  await page.getByRole("link", { name: "Versions" }).click();
  const changed = page.getByRole("list", { name: "What has changed" });
  await changed.getByText('"concurrency_limit": 3').waitFor();
  expect(await objectionsTo(page)).toEqual([]);
  await page.getByRole("button", { name: "Go back to version 1" }).click();
  await page.getByText("Version 3 is what version 1 was").waitFor();

  await places.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Stop all writing…" }).click();
  await page.getByRole("button", { name: "Stop it now" }).click();
  await page.getByText("Stopped", { exact: true }).waitFor();
  expect((await shell.run("kill-switch")).out).toContain("ON: nothing is written outside.");
  expect(await objectionsTo(page)).toEqual([]);
  await page.getByRole("button", { name: "Let it go on…" }).click();
  await page.getByRole("button", { name: "Let it go on", exact: true }).click();
  await page.getByRole("button", { name: "Stop all writing…" }).waitFor();
  await page.close();
}, 60_000);

it("is still signed in after a reload, by a cookie no script can read", async () => {
  await ada.page.reload();
  await expect.poll(() => kept().count(), PATIENT).toBe(4);
  const cookies = await ada.context.cookies(`${line.url}/api/v1/auth/refresh`);
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict", path: "/api/v1/auth" }]);
  expect(await ada.page.evaluate(() => document.cookie)).toBe("");
  const stored = await ada.page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(stored).not.toMatch(/eyJ|rrt_/);
});

it("loses nothing of what was said while the line was cut", async () => {
  line.cut();
  await ada.page.getByText("reconnecting…", { exact: true }).waitFor();
  const session = chat.split("/").at(-1) ?? "";
  expect((await shell.run("chat", "--session", session, "--agent", "CodeAssistant", "hello")).code).toBe(0);
  expect(await kept().count()).toBe(4);
  line.mend();
  await expect.poll(() => kept().count(), PATIENT).toBe(5);
  await ada.page.getByText("reconnecting…", { exact: true }).waitFor({ state: "hidden" });
});

it("asks again whom it asked, although the words name nobody, and once however often it is clicked at once", async () => {
  await ada.page.getByRole("button", { name: "Ask again" }).last().dblclick();
  await expect.poll(() => kept().count(), PATIENT).toBe(6);
  const turn = ada.page.getByRole("group", { name: /^Turn of / }).last();
  expect(await turn.getAttribute("aria-label")).toBe("Turn of CodeAssistant");
  await turn.getByRole("button", { name: "Ask again" }).waitFor();
  expect(await kept().count()).toBe(6);
});

it("changes a plan in its drawing before it is carried out, and watches it to the end", async () => {
  const { page } = ada;
  await page.goto(chat.replace(/\/room_\w+$/, ""));
  await say(TEAMWORK);
  await page.getByRole("article", { name: /asks for approval/ }).waitFor();
  // Nobody agrees to a price they have not seen.
  await page.locator("[data-plan-estimate]", { hasText: /Expected: .+ Risk: / }).waitFor();
  // Out of the field, to the question, and into its drawing: by keys alone.
  for (const key of ["Escape", "j", "e"]) await page.keyboard.press(key);
  await page.locator('[data-plan-step="s3"]').click();
  await page.getByRole("button", { name: "Add a step" }).click();
  await page.getByText("1 problem to solve first").waitFor();
  await page.getByLabel("What it is asked to do").fill("Read package.json");
  await page.getByRole("button", { name: "Approve the changed plan" }).click();
  await page.getByText("4 of 4 done").waitFor();
  await page.locator('[data-plan-step="s4"][data-status="completed"]').click();
  await page.getByRole("complementary", { name: "New step" }).getByText(FACT).first().waitFor();
  expect(await objectionsTo(page)).toEqual([]);
});

it("looks at the run over its time, recomputes one of its events, and has the whole log verified", async () => {
  const { page } = ada;
  await page.getByRole("link", { name: "Inspect", exact: true }).click();
  await page.locator('[data-span="call"]').first().click();
  await expect.poll(() => page.locator('[data-proof][data-holds="true"]').count(), PATIENT).toBe(3);
  expect(await objectionsTo(page)).toEqual([]);
  await page.getByRole("link", { name: "Inspector" }).click();
  await page.getByRole("button", { name: "Verify the log" }).click();
  await page.locator('[data-valid="true"]').waitFor();
  await page.keyboard.press("Escape");
});

it("seals its memories under a passphrase that lives in the tab alone", async () => {
  const page = await ada.tab();
  await page.goto(`${line.url}/memory`);
  await page.getByLabel("Name of the block").fill("harbour");
  await page.getByLabel("What to know", { exact: true }).fill("Lives by the sea");
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("button", { name: "Seal everything…" }).click();
  await page.getByLabel("New passphrase").fill("open sesame");
  await page.getByLabel("Once more").fill("open sesame");
  await page.getByRole("button", { name: "Seal everything", exact: true }).click();
  await page.getByText("under your passphrase").first().waitFor();
  expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain("sesame");
  await page.reload();
  await page.getByText("a locked memory").first().waitFor();
  expect(await page.locator("main").textContent()).not.toContain("Lives by the sea");
  await page.getByLabel("Passphrase").fill("open sesame");
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByText("Lives by the sea").waitFor();
  await page.close();
});

it("finds what happened in the timeline, narrowed to what is looked for", async () => {
  const { page } = ada;
  await page.getByRole("link", { name: "Timeline" }).click();
  await page.getByLabel("Kind of event").selectOption("plan.edited");
  const rows = page.locator("a[data-seq]");
  await expect.poll(() => rows.count(), PATIENT).toBe(1);
  expect(await rows.textContent()).toContain("4 steps · version 2");
  expect(await objectionsTo(page)).toEqual([]);
  await page.goto(chat);
  await kept().nth(4).waitFor();
});

it("keeps what is being typed when a new version takes the place of its own, and loads it on the way to another page", async () => {
  // Not a tab of hers: that its pieces are gone is written into the console.
  const page = await ada.context.newPage();
  await page.goto(chat);
  await page.locator('[data-answer="kept"]').first().waitFor();
  await page.evaluate(() => {
    document.body.dataset.version = "old";
  });
  // What the server answers with when it has no such piece.
  await page.route(/\/console\/schedules-page/, (route) => route.continue({ url: `${server.url}/console/gone.js` }));
  const field = page.getByRole("textbox", { name: "Message" });
  await field.fill("half a thought");
  const asked = page.waitForResponse(/\/health$/);
  const link = page.getByRole("link", { name: "Schedules" });
  await link.hover();
  await asked;
  await field.pressSequentially(", and the rest of it");
  expect(await field.inputValue()).toBe("half a thought, and the rest of it");
  await page.unrouteAll();
  await link.click();
  await page.getByRole("button", { name: "New schedule" }).first().waitFor();
  expect(await page.evaluate(() => document.body.dataset.version)).toBeUndefined();
  await page.close();
});

it("is told things on a phone over the title of the page, and over nothing else", async () => {
  const page = await ada.tab();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(chat);
  await page.getByRole("button", { name: "Fork from here" }).first().click();
  const boxOf = async (what: Locator) => (await what.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 };
  const notice = await boxOf(page.getByRole("listitem").filter({ hasText: "the other one is as it was" }));
  const first = await boxOf(page.getByText("This chat continues an earlier one."));
  const menu = await boxOf(page.getByRole("button", { name: "Menu" }));
  expect(notice.y).toBeGreaterThanOrEqual(0);
  expect(notice.y + notice.height).toBeLessThanOrEqual(first.y);
  expect(notice.x).toBeGreaterThanOrEqual(menu.x + menu.width);
  await page.close();
});

it("shows another user nothing of it", async () => {
  const eve = await newVisitor(browser, line.url);
  await registerAt(eve, line.url, "eve@example.com", PASSWORD);
  await eve.page.goto(chat);
  await eve.page.getByRole("alert").getByText("does not belong to one of your projects").waitFor();
  expect(await eve.page.locator("body").textContent()).not.toMatch(/tide|NOTES/i);
  await eve.context.close();
});

it("signs out in every tab at once", async () => {
  const other = await ada.tab();
  await other.goto(chat);
  await other.locator('[data-answer="kept"]').first().waitFor();
  await ada.page.bringToFront();
  await ada.page.getByRole("button", { name: EMAIL }).click();
  await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
  for (const page of [ada.page, other]) await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await other.reload();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
});

it("was refused nothing by its policy, wrote nothing into its console, and asked nobody else for anything", () => {
  // Chromium writes every failed request into the console; those of the cut line are meant.
  expect(ada.wrongs.filter((wrong) => !/net::ERR_|WebSocket connection to/.test(wrong))).toEqual([]);
});
