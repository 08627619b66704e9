// How soon a plan goes on once a person says yes: from the moment the answer is sent until the next step's call reaches the
// model. Next to a bare worker and object that writes one row and calls the model.
import { startBareWorker } from "../bare-worker.ts";
import { startProcess } from "../child.ts";
import { send } from "../load.ts";
import { startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";
import { askTeam, callsOf, confirm, instant, newTeam, openQuestion, untilCompleted } from "../team.ts";
import { planned } from "../written-plan.ts";

const SECTION = "approval: from a yes to the next step's model call, ms";
const TIMES = 60;
const WARM = 5;

export async function approvalSection(withProduct: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const model = await startProcess("stub-model.ts", { STUB_THINK_MS: "0" });
  const measure = async (contender: string, once: (id: string) => Promise<number>) => {
    const took: number[] = [];
    for (let number = -WARM; number < TIMES; number++) {
      const milliseconds = await once(`yes-${number + WARM}`);
      if (number >= 0) took.push(milliseconds);
    }
    rows.push({
      section: SECTION,
      case: `${TIMES} answers`,
      contender,
      figures: { p50: percentile(took, 0.5), p95: percentile(took, 0.95), max: percentile(took, 1) },
    });
  };
  try {
    const bare = await startBareWorker(model.url);
    await measure("bare Hono worker", async (id) => {
      const body = JSON.stringify({
        model: "stub",
        stream: true,
        messages: [{ role: "user", content: `[[${id}-s1]]` }],
      });
      const said = instant();
      await send({ method: "POST", url: `${bare.url}/call/space`, body });
      return (await nextStep(model.url)) - said;
    });
    await bare.stop();
    if (withProduct) {
      const product = await startProduct(model.url);
      try {
        const team = await newTeam(product.url, true);
        await measure("Retinue", async (id) => {
          const run = await askTeam(team, planned(id, 3, 3));
          const question = await openQuestion(team, run);
          await callsOf(model.url);
          const said = instant();
          const answer = await send(confirm(team, question));
          if (answer.status !== 200)
            throw new Error(`A yes was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
          await untilCompleted(team, run);
          return (await nextStep(model.url)) - said;
        });
      } finally {
        await product.stop();
      }
    }
  } finally {
    model.stop();
  }
  return rows;
}

/** When the first step's call reached the model. */
async function nextStep(modelUrl: string): Promise<number> {
  const first = (await callsOf(modelUrl)).find(({ id }) => /-s\d+$/.test(id));
  if (first === undefined) throw new Error("No step was begun.");
  return first.from;
}
