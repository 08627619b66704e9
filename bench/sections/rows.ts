// Rows written by one direct turn, as the server counts them (`x-retinue-rows-written`, answered when BENCH_ROWS is set).
import { startProcess } from "../child.ts";
import { send } from "../load.ts";
import { directCall, newPerson, newSession, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const TURNS = 20;

export async function rowsSection(withProduct: boolean): Promise<Row[]> {
  if (!withProduct) return [];
  const model = await startProcess("stub-model.ts");
  const product = await startProduct(model.url);
  try {
    const person = await newPerson(product.url, 1);
    const session = await newSession(product.url, person);
    const counts: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const answer = await send(directCall(product.url, person, session, person.agents[0] ?? "", `rows-${turn}`));
      if (answer.status !== 200)
        throw new Error(`A direct call answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      const count = Number(answer.headers["x-retinue-rows-written"] ?? Number.NaN);
      if (!Number.isNaN(count)) counts.push(count);
    }
    return [
      {
        section: "rows: written by one direct turn, question to answer",
        case: `${TURNS} turns`,
        contender: "Retinue",
        figures: { p50: percentile(counts, 0.5), max: percentile(counts, 1) },
        ...(counts.length === TURNS ? {} : { note: "the server does not say how many rows it wrote" }),
      },
    ];
  } finally {
    await product.stop();
    model.stop();
  }
}
