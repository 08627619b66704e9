// Rows written by one direct turn, as the worker space counts them itself: `rows_written` of its status, before and after.
// Asking writes nothing, so what lies between two answers is the turns' own, and the alarm's that sweeps behind them.
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess } from "../child.ts";
import { send } from "../load.ts";
import { directCall, newPerson, newSession, projectOf, rowsWritten, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const TURNS = 20;
/** The alarm has come and gone when the count has stood still for so long. */
const QUIET_MS = 1_500;
const QUIET_WITHIN_MS = 20_000;

export async function rowsSection(withProduct: boolean): Promise<Row[]> {
  if (!withProduct) return [];
  const model = await startProcess("stub-model.ts");
  const product = await startProduct(model.url);
  try {
    const person = await newPerson(product.url, 1);
    const session = await newSession(product.url, person);
    const project = await projectOf(product.url, person);
    const count = () => rowsWritten(product.url, person, project);
    const turn = async (name: string) => {
      const answer = await send(directCall(product.url, person, session, person.agents[0] ?? "", name));
      if (answer.status !== 200)
        throw new Error(`A direct call answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    };
    // The first turn also stores the agent's version and wakes the alarm; it is nobody's usual turn.
    await turn("rows-first");
    const before = await untilQuiet(count);
    const counts: number[] = [];
    let last = before;
    for (let number = 0; number < TURNS; number++) {
      await turn(`rows-${number}`);
      const now = await count();
      counts.push(now - last);
      last = now;
    }
    const all = (await untilQuiet(count)) - before;
    return [
      {
        section: "rows: written by one direct turn, question to answer",
        case: `${TURNS} turns`,
        contender: "Retinue",
        figures: { p50: percentile(counts, 0.5), max: percentile(counts, 1), "mean, alarms included": all / TURNS },
      },
    ];
  } finally {
    await product.stop();
    model.stop();
  }
}

/** The count once nothing more is written. */
async function untilQuiet(count: () => Promise<number>): Promise<number> {
  const began = performance.now();
  let last = await count();
  for (;;) {
    await sleep(QUIET_MS);
    const now = await count();
    if (now === last) return now;
    if (performance.now() - began > QUIET_WITHIN_MS) throw new Error("The space does not stop writing.");
    last = now;
  }
}
