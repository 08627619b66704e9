// `npm run screenshots`: the pictures of docs/img, taken of the real product. A server of its own with temporary state, a project
// made through its doors, and a browser that opens the pages. With names as arguments only those.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "#tests/support/browser.ts";
import { HOUSEHOLD_SERVER, type Household, settleIn } from "./screenshots/household.ts";
import { SHOTS, type Theme } from "./screenshots/shots.ts";
import { startServer } from "./server-process.ts";

const PLACE = join(import.meta.dirname, "../docs/img");
const SIZE = { width: 1280, height: 800 };
/** Pixels of a picture for one of the page, so that words stay sharp where it is shown larger. */
const DENSITY = 2;
const QUALITY = 82;
const LARGEST_BYTES = 200_000;
const PATIENCE_MS = 120_000;
/** What comes in shortly after the rest, such as the answer to a late question, is to be in the picture. */
const SETTLE_MS = 600;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SHOTS.some((shot) => shot.name === name));
if (unknown.length > 0) {
  console.error(`There is no picture ${unknown.join(", ")}; there are ${SHOTS.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const server = await startServer({ env: HOUSEHOLD_SERVER });
const browser = await startBrowser();
let house: Household | null = null;
try {
  console.log("Making a project through the product's doors…");
  house = await settleIn(server.url, "ada@example.com");
  const page = await comeIn(browser, server.url, house);
  mkdirSync(PLACE, { recursive: true });
  for (const shot of SHOTS.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    await page.setViewportSize(shot.size ?? SIZE);
    await page.emulateMedia({ colorScheme: shot.themes[0] ?? "light" });
    await page.evaluate((path) => history.pushState({}, "", path), shot.path(house));
    await shot.ready(page);
    for (const theme of shot.themes) {
      const file = `console-${shot.name}${theme === "dark" ? "-dark" : ""}.webp`;
      const picture = await take(page, theme);
      if (picture.byteLength > LARGEST_BYTES) throw new Error(`${file} has ${picture.byteLength} bytes.`);
      writeFileSync(join(PLACE, file), picture);
      console.log(`${file}  ${Math.round(picture.byteLength / 1000)} kB`);
    }
  }
} finally {
  house?.close();
  await browser.close();
  await server.stop();
}

async function comeIn(from: Browser, url: string, { account }: Household): Promise<Page> {
  const page = await from.newPage({
    viewport: SIZE,
    deviceScaleFactor: DENSITY,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/London",
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/p\//);
  return page;
}

/** Nothing has the focus, and the pointer is out of the way. */
async function take(page: Page, theme: Theme): Promise<Buffer> {
  await page.emulateMedia({ colorScheme: theme });
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await document.fonts.ready;
  });
  await page.waitForTimeout(SETTLE_MS);
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  await cdp.detach();
  return Buffer.from(data, "base64");
}
