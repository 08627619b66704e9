// Coming in at the console's door.
import type { Page } from "playwright-core";
import { PASSWORD } from "../product.ts";

/** Signs in and waits until the console is there. */
export async function signIn(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/p\//);
}
