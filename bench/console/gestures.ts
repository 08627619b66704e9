// Hands at a mouse: input that takes the way of real input through the browser, as often as there are frames.
import type { CDPSession, Page } from "playwright-core";

/** How long each gesture goes on. */
export const SECONDS = 5;
const CENTRE = { x: 760, y: 460 };
const SCROLL_SPEED = 3_000;
const ZOOM_SPEED = 600;
const FRAMES_A_SECOND = 60;

/** Turns the wheel downwards; the browser makes its events by itself. */
export const scroll = (cdp: CDPSession, seconds: number): Promise<unknown> =>
  wheel(cdp, -seconds * SCROLL_SPEED, SCROLL_SPEED);

/** Turns the wheel forth and back, a second each. */
export async function zoom(cdp: CDPSession, seconds: number): Promise<void> {
  for (let turn = 0; turn < seconds; turn++) await wheel(cdp, turn % 2 === 0 ? ZOOM_SPEED : -ZOOM_SPEED, ZOOM_SPEED);
}

const wheel = (cdp: CDPSession, yDistance: number, speed: number): Promise<unknown> =>
  cdp.send("Input.synthesizeScrollGesture", { ...CENTRE, yDistance, speed, gestureSourceType: "mouse" });

/** Holds what `ground` finds in the middle of the page and draws ellipses with it. */
export async function drag(page: Page, cdp: CDPSession, seconds: number, ground = "*"): Promise<void> {
  const from = await page.evaluate(
    ({ x, y, ground }) => {
      for (let away = 0; away < 200; away += 2) {
        if (document.elementFromPoint(x, y + away)?.matches(ground) === true) return { x, y: y + away };
      }
      return { x, y };
    },
    { ...CENTRE, ground },
  );
  const mouse = (type: "mousePressed" | "mouseMoved" | "mouseReleased", x: number, y: number) =>
    cdp.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
  await mouse("mousePressed", from.x, from.y);
  // The browser answers a move when it has drawn it, so there is one for each frame.
  for (let frame = 1; frame <= seconds * FRAMES_A_SECOND; frame++) {
    const turn = (frame / FRAMES_A_SECOND) * Math.PI;
    await mouse("mouseMoved", from.x + 300 * Math.sin(turn), from.y + 120 * (1 - Math.cos(turn)));
  }
  await mouse("mouseReleased", from.x, from.y);
}
