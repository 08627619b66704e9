// What the console is measured against, in the same browser: the same amount of things shown with nothing clever about it.
import type { Page } from "playwright-core";

const STYLE = `<style>
  body { margin: 0; font: 13px sans-serif; overflow: hidden }
  #list { height: 100vh; overflow-y: auto }
  #list a { display: flex; gap: 12px; height: 43px; align-items: center; border-bottom: 1px solid #ddd; padding: 0 16px }
  #list span { width: 176px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
  #sheet { height: 100vh; touch-action: none; overflow: hidden }
  #drawing { position: relative; transform-origin: 0 0 }
  #drawing div { position: absolute; width: 200px; height: 70px; padding: 8px 12px; border: 1px solid #aaa; border-radius: 10px; background: #fff }
  #drawing svg { position: absolute; overflow: visible }
  #box { width: 80px; height: 80px; background: #4450cf }
</style>`;

/** A box that moves at every frame: what this machine can show at all. */
export async function showMovingBox(page: Page, milliseconds: number): Promise<void> {
  await page.setContent(`${STYLE}<div id="box"></div>`);
  await page.evaluate(
    (over) =>
      new Promise<void>((done) => {
        const box = document.getElementById("box");
        const began = performance.now();
        const step = () => {
          const passed = performance.now() - began;
          if (box !== null) box.style.transform = `translateX(${(passed / 4) % 900}px)`;
          if (passed > over) done();
          else requestAnimationFrame(step);
        };
        step();
      }),
    milliseconds,
  );
}

/** Every row in the document. */
export async function showPlainList(page: Page, rows: number): Promise<void> {
  const row = (at: number) =>
    `<a href="#${at}"><b>●</b><time>12:00:${String(at % 60).padStart(2, "0")}</time><span>toolcall.succeeded</span><span>CodeAssistant</span><span>what happened, in a line of the length it usually has</span><i>${at}</i></a>`;
  await page.setContent(`${STYLE}<div id="list">${Array.from({ length: rows }, (_, at) => row(at)).join("")}</div>`);
}

/** Every step and every line in the document, moved as one by what happens to them. */
export async function showPlainDrawing(page: Page, steps: number, lanes: number): Promise<void> {
  const place = (at: number) => ({ x: Math.floor(at / lanes) * 296, y: (at % lanes) * 112 });
  const boxes = Array.from({ length: steps }, (_, at) => {
    const { x, y } = place(at);
    return `<div style="left:${x}px;top:${y}px"><b>Part ${at + 1}</b><br>s${at + 1} · Bench0<br>12 ms · $0</div>`;
  });
  const lines = Array.from({ length: steps - lanes }, (_, at) => {
    const [from, to] = [place(at), place(at + lanes)];
    return `<path d="M${from.x + 224},${from.y + 44} L${to.x},${to.y + 44}" stroke="#888" fill="none" />`;
  });
  await page.setContent(
    `${STYLE}<div id="sheet"><div id="drawing"><svg>${lines.join("")}</svg>${boxes.join("")}</div></div>`,
  );
  await page.evaluate(() => {
    const sheet = document.getElementById("sheet");
    const drawing = document.getElementById("drawing");
    if (sheet === null || drawing === null) return;
    const seen = { x: 20, y: 20, zoom: 0.4 };
    const show = () => {
      drawing.style.transform = `translate(${seen.x}px, ${seen.y}px) scale(${seen.zoom})`;
    };
    sheet.addEventListener("mousemove", ({ buttons, movementX, movementY }) => {
      if (buttons === 0) return;
      seen.x += movementX;
      seen.y += movementY;
      show();
    });
    sheet.addEventListener("wheel", ({ deltaY }) => {
      seen.zoom = Math.min(1.5, Math.max(0.05, seen.zoom * 2 ** (-deltaY * 0.002)));
      show();
    });
    show();
  });
}
