// Rows written by one direct turn, as the worker space counts them itself: `rows_written` of its status, before and after.
// Asking writes nothing, so what lies between two answers is the turns' own, and the alarm's that sweeps behind them.
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess } from "../child.ts";
import { send, sendJson } from "../load.ts";
import { bearer, directCall, newPerson, newSession, type Person, startProduct } from "../product.ts";
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

/** The id of the person's only project. */
async function projectOf(url: string, person: Person): Promise<string> {
  const page = await sendJson({ method: "GET", url: `${url}/my/projects`, headers: bearer(person.token) });
  const items: unknown = field(page, "items");
  const id = field(Array.isArray(items) ? items[0] : undefined, "id");
  if (typeof id !== "string") throw new Error("The person has no project.");
  return id;
}

async function rowsWritten(url: string, person: Person, project: string): Promise<number> {
  const call = { method: "GET", url: `${url}/my/projects/${project}/space`, headers: bearer(person.token) } as const;
  const rows = field(await sendJson(call), "rows_written");
  if (typeof rows !== "number") throw new Error("The space does not say how many rows it wrote.");
  return rows;
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

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
