// What opening the console costs: the JavaScript a page needs, as it goes over the wire, and what Lighthouse says of a chat and of
// an inspected run, in a production build, signed in. Loopback is slowed down to what Lighthouse takes for usual.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BrowserContext, chromium } from "playwright-core";
import { CHROMIUM_OPTIONS } from "#tests/support/browser.ts";
import { freePort } from "../../scripts/free-port.ts";
import { startProcess } from "../child.ts";
import { lighthouse } from "../console/lighthouse.ts";
import { signIn } from "../console/sign-in.ts";
import { send } from "../load.ts";
import { directCall, newPerson, newSession, type Person, projectOf, startProduct } from "../product.ts";
import type { Row } from "../report.ts";

const BYTES = "console-load: what is fetched to open a page, gzipped kB (aim: less than 250 of JavaScript)";
const SCORES = "console-load: Lighthouse, of 100; times in ms (aims: performance 95, accessibility 100)";
const TURNS = 4;

export async function consoleLoadSection(withProduct: boolean): Promise<Row[]> {
  if (!withProduct) return [];
  const model = await startProcess("stub-model.ts", { STUB_THINK_MS: "0" });
  const product = await startProduct(model.url);
  const place = mkdtempSync(join(tmpdir(), "retinue-lighthouse-"));
  const port = await freePort();
  // Lighthouse uses the browser's own jar of cookies, so this one has no other.
  const context = await chromium.launchPersistentContext(place, {
    ...CHROMIUM_OPTIONS,
    args: [...CHROMIUM_OPTIONS.args, `--remote-debugging-port=${port}`],
  });
  try {
    const person = await newPerson(product.url, 1);
    const project = await projectOf(product.url, person);
    const { session, run } = await talk(product.url, person);
    const of = `${product.url}/p/${project}`;
    const pages = { chat: `${of}/chat/${session}`, inspector: `${of}/inspector/${run}` };
    const rows = [await fetched(context, "sign in", `${product.url}/sign-in`)];
    const page = await context.newPage();
    await signIn(page, product.url, person.email);
    for (const [name, url] of Object.entries({ ...pages, timeline: `${of}/timeline`, usage: `${of}/usage` }))
      rows.push(await fetched(context, name, url));
    await page.close();
    for (const preset of ["desktop", "mobile"] as const) {
      for (const [name, url] of Object.entries(pages)) {
        const figures = await lighthouse(url, port, preset);
        rows.push({ section: SCORES, case: `${name}, ${preset}`, contender: "Retinue", figures });
      }
    }
    return rows;
  } finally {
    await context.close();
    rmSync(place, { recursive: true, force: true });
    await product.stop();
    model.stop();
  }
}

/** A chat with a few answers in it; its id and that of its last run. */
async function talk(url: string, person: Person): Promise<{ readonly session: string; readonly run: string }> {
  const session = await newSession(url, person);
  let run = "";
  for (let turn = 0; turn < TURNS; turn++) {
    const { text } = await send(directCall(url, person, session, person.agents[0] ?? "", `load-${turn}`));
    run = /"id":"(run_\w+)"/.exec(text)?.[1] ?? run;
  }
  return { session, run };
}

/** Opens a page with nothing in the cache, and weighs what came. */
async function fetched(context: BrowserContext, name: string, url: string): Promise<Row> {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.clearBrowserCache");
  const weights: Promise<readonly [string, number]>[] = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    weights.push(
      response.body().then(
        (body) => [kind, gzipSync(body).byteLength / 1000] as const,
        () => [kind, 0] as const,
      ),
    );
  });
  await page.goto(url);
  await page.waitForLoadState("networkidle");
  const found = await Promise.all(weights);
  await page.close();
  const of = (kind: string) => found.filter(([one]) => one === kind);
  const sum = (kind: string) => of(kind).reduce((all, [, kB]) => all + kB, 0);
  return {
    section: BYTES,
    case: name,
    contender: "Retinue",
    figures: { JavaScript: sum("script"), pieces: of("script").length, styles: sum("stylesheet"), font: sum("font") },
  };
}
