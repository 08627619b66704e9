// The console in use, by the browser's own tracing: a timeline of ten thousand events and a plan of two hundred steps, moved by
// real input, next to a bare box and to the same things shown with nothing clever about them.
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "#tests/support/browser.ts";
import { startProcess } from "../child.ts";
import { figuresOf, sizeOf, traced } from "../console/frames.ts";
import { EVENTS, type FullProject, fillProject, LANES, STEPS } from "../console/full-project.ts";
import { drag, SECONDS, scroll, zoom } from "../console/gestures.ts";
import { showMovingBox, showPlainDrawing, showPlainList } from "../console/plain-pages.ts";
import { signIn } from "../console/sign-in.ts";
import { startProduct } from "../product.ts";
import type { Row } from "../report.ts";

const SECTION = "console: frames while something moves, ms (work: the page's main thread, its own time for one frame)";
const VIEW = { width: 1280, height: 820 };
const PATIENCE_MS = 60_000;

export async function consoleSection(withProduct: boolean): Promise<Row[]> {
  const browser = await startBrowser();
  try {
    const rows = await measurePlain(browser);
    if (withProduct) rows.push(...(await measureProduct(browser)));
    return rows;
  } finally {
    await browser.close();
  }
}

async function measurePlain(browser: Browser): Promise<Row[]> {
  const rows: Row[] = [];
  const context = await browser.newContext({ viewport: VIEW });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  const add = async (name: string, contender: string, move: () => Promise<unknown>) => {
    const motion = await traced(browser, page, move);
    rows.push({ section: SECTION, case: name, contender, figures: { ...figuresOf(motion), ...(await sizeOf(cdp)) } });
  };
  await add("nothing else", "a moving box", () => showMovingBox(page, SECONDS * 1000));
  await showPlainList(page, EVENTS);
  await add(`${EVENTS} rows, scrolled`, "plain list", () => scroll(cdp, SECONDS));
  await showPlainDrawing(page, STEPS, LANES);
  await add(`${STEPS} steps, moved`, "plain drawing", () => drag(page, cdp, SECONDS));
  await add(`${STEPS} steps, zoomed`, "plain drawing", () => zoom(cdp, SECONDS));
  await context.close();
  return rows;
}

async function measureProduct(browser: Browser): Promise<Row[]> {
  const model = await startProcess("stub-model.ts", { STUB_THINK_MS: "0" });
  const product = await startProduct(model.url);
  try {
    return await measureConsole(browser, product.url, await fillProject(product));
  } finally {
    await product.stop();
    model.stop();
  }
}

async function measureConsole(browser: Browser, url: string, full: FullProject): Promise<Row[]> {
  const rows: Row[] = [];
  const context = await browser.newContext({ viewport: VIEW });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const cdp = await context.newCDPSession(page);
  const add = async (name: string, move: () => Promise<unknown>) => {
    const motion = await traced(browser, page, move);
    const figures = { ...figuresOf(motion), ...(await sizeOf(cdp)) };
    rows.push({ section: SECTION, case: name, contender: "Retinue", figures });
  };
  await signIn(page, url, full.team.person.email);
  const project = `${url}/p/${full.team.project}`;

  await page.goto(`${project}/timeline`);
  await page.locator("a[data-seq]").first().waitFor();
  await add("rows coming in, scrolled", () => scroll(cdp, SECONDS));
  await loadAll(page);
  await add(`${EVENTS} rows, scrolled`, () => scroll(cdp, SECONDS));
  await add("narrowed to one kind", () => narrow(page));

  await page.goto(`${project}/plan/${full.planned}`);
  await page.locator("[data-plan-step]").first().waitFor();
  await page.getByText(`${STEPS} of ${STEPS} done`).waitFor();
  await add(`${STEPS} steps, moved`, () => drag(page, cdp, SECONDS, ".react-flow__pane"));
  await page.getByRole("button", { name: "All of it" }).click();
  await add(`${STEPS} steps in sight, moved`, () => drag(page, cdp, SECONDS, ".react-flow__pane"));
  await add(`${STEPS} steps, zoomed`, () => zoom(cdp, SECONDS));
  await context.close();
  return rows;
}

/** Asks for one kind of event, and waits until nothing else is shown. */
async function narrow(page: Page): Promise<void> {
  await page.getByLabel("Kind of event").selectOption("plan.created");
  await page.locator("a[data-seq]").nth(1).waitFor({ state: "hidden" });
  await page.locator("a[data-seq]").first().waitFor();
}

/** Goes to the list's end until there is nothing before it, and back to the middle. */
async function loadAll(page: Page): Promise<void> {
  const list = page.getByRole("region", { name: "Events, newest first" });
  await list.evaluate(
    (box) =>
      new Promise<void>((done) => {
        const step = () => {
          box.scrollTop = box.scrollHeight;
          if (box.querySelector('[data-seq="1"]') === null) setTimeout(step, 20);
          else done();
        };
        step();
      }),
  );
  // What came in last may still move the list.
  for (let share = 1; share > 0.6; ) {
    await list.evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2;
    });
    await page.waitForTimeout(300);
    share = await list.evaluate((box) => box.scrollTop / box.scrollHeight);
  }
}
