// A real browser (Debian's Chromium) as a person at the console has it, with everything written down that must not happen
// there: words in its console, a breach of the page's policy, a request to anywhere but the server.
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PATIENCE_MS = 15_000;

/** A person's browser: one jar of cookies, any number of tabs. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What happened in it that must not. */
  readonly wrongs: readonly string[];
  /** Frames its sockets received. */
  readonly heard: readonly string[];
  /** Another tab. */
  tab(): Promise<Page>;
}

/** How it is started. */
export const CHROMIUM_OPTIONS = {
  executablePath: CHROMIUM,
  // As root, and in containers, there is no sandbox to be had.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
};

/** Starts the browser. */
export const startBrowser = (): Promise<Browser> => chromium.launch(CHROMIUM_OPTIONS);

/** Somebody new at the server. */
export const newVisitor = async (browser: Browser, url: string): Promise<Visitor> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const wrongs: string[] = [];
  const heard: string[] = [];
  const own = new URL(url).host;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  // Some breaches are made in silence: code that only tries whether it may.
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} refused ${blockedURI}`),
    );
  });
  const tab = async (): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") wrongs.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => wrongs.push(`error: ${error.stack ?? error.message}`));
    page.on("request", (request) => {
      const { host, protocol } = new URL(request.url());
      if (host !== own && protocol !== "data:" && protocol !== "blob:") wrongs.push(`outside: ${request.url()}`);
    });
    page.on("websocket", (socket) => {
      if (new URL(socket.url()).host !== own) wrongs.push(`outside: ${socket.url()}`);
      socket.on("framereceived", ({ payload }) => heard.push(payload.toString()));
    });
    return page;
  };
  return { context, page: await tab(), wrongs, heard, tab };
};

/** Makes an account at the console's door. */
export const registerAt = async ({ page }: Visitor, url: string, email: string, password: string): Promise<void> => {
  await page.goto(`${url}/register`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Make my account" }).click();
  await page.getByRole("heading", { name: "Connect a folder" }).waitFor();
};

/** What a theme can change of what axe looks at. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What axe objects to on a page, in both themes; one line each. */
export const objectionsTo = async (page: Page): Promise<string[]> => {
  const said: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // No page has frames: one look at the page itself is all of it.
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    const { violations } = await (colorScheme === "light" ? axe : axe.withRules(COLOUR_RULES)).analyze();
    for (const { id, nodes } of violations)
      said.push(`${colorScheme}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  }
  return said;
};
