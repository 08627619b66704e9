// What planning costs over the model's own time: a request that is only planned, and a request that is planned and begun,
// from the question to the first step's call of the model. Next to a raw Node proxy before the same stub.
import { startProcess } from "../child.ts";
import { send } from "../load.ts";
import { startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";
import { askTeam, callsOf, instant, newTeam, sketch, untilCompleted } from "../team.ts";
import { planned, stepsOf } from "../written-plan.ts";

const SECTION = "planning: added by planning over the model's own time, ms";
const SIZES = [
  { steps: 3, times: 60 },
  { steps: 50, times: 20 },
] as const;
const WARM = 5;

/** Does it once under this id; milliseconds over the model's own time. */
type Once = (id: string) => Promise<number>;

export async function planningSection(withProduct: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const model = await startProcess("stub-model.ts");
  const measure = async (contender: string, what: string, { steps, times }: (typeof SIZES)[number], once: Once) => {
    const added: number[] = [];
    for (let number = -WARM; number < times; number++) {
      const milliseconds = await once(`${what.split(",")[0]}-${steps}-${number + WARM}`);
      if (number >= 0) added.push(milliseconds);
    }
    rows.push({
      section: SECTION,
      case: `${what}, ${steps} steps`,
      contender,
      figures: {
        p50: percentile(added, 0.5),
        p95: percentile(added, 0.95),
        max: percentile(added, 1),
        times: added.length,
      },
    });
  };
  try {
    const proxy = await startProcess("baseline/proxy.ts", { MODEL_URL: model.url });
    for (const size of SIZES) {
      await measure("raw Node proxy", "planned", size, (id) => proxied(proxy.url, model.url, id, size.steps));
      await measure("raw Node proxy", "begun", size, (id) => begunByProxy(proxy.url, model.url, id, size.steps));
    }
    proxy.stop();
    if (withProduct) await measureProduct(model.url, measure);
  } finally {
    model.stop();
  }
  return rows;
}

async function measureProduct(
  modelUrl: string,
  measure: (contender: string, what: string, size: (typeof SIZES)[number], once: Once) => Promise<void>,
): Promise<void> {
  const product = await startProduct(modelUrl);
  try {
    for (const size of SIZES) {
      const team = await newTeam(product.url, false);
      await measure("Retinue", "planned", size, async (id) => {
        const { milliseconds, status, text } = await send(sketch(team, planned(id, size.steps, 3)));
        if (status !== 200) throw new Error(`Planning answered ${status}: ${text.slice(0, 300)}`);
        return milliseconds - (await planningTime(modelUrl)).took;
      });
      await measure("Retinue", "begun", size, async (id) => {
        const asked = instant();
        await untilCompleted(team, await askTeam(team, planned(id, size.steps, 3)));
        const { took, begun } = await planningTime(modelUrl);
        return begun - asked - took;
      });
    }
  } finally {
    await product.stop();
  }
}

/** How long the stub took to plan, and when the first step reached it. */
async function planningTime(modelUrl: string): Promise<{ took: number; begun: number }> {
  const calls = await callsOf(modelUrl);
  const plan = calls.find(({ kind }) => kind === "plan");
  if (plan === undefined) throw new Error("The stub was asked for no plan.");
  const first = calls.find(({ id }) => /-s\d+$/.test(id));
  return { took: plan.to - plan.from, begun: first?.from ?? Number.NaN };
}

const through = (proxyUrl: string, content: string, asksPlan: boolean) => ({
  method: "POST",
  url: proxyUrl,
  body: JSON.stringify({
    model: "stub",
    stream: true,
    messages: [{ role: "user", content }],
    ...(asksPlan ? { response_format: { type: "json_schema" } } : {}),
  }),
});

async function proxied(proxyUrl: string, modelUrl: string, id: string, steps: number): Promise<number> {
  const { milliseconds } = await send(through(proxyUrl, planned(id, steps, 3), true));
  return milliseconds - (await planningTime(modelUrl)).took;
}

// What the stub will answer is known, so the baseline need not read it: it asks for the first step at once.
async function begunByProxy(proxyUrl: string, modelUrl: string, id: string, steps: number): Promise<number> {
  const asked = instant();
  await send(through(proxyUrl, planned(id, steps, 3), true));
  const [first] = stepsOf(id, steps, 3, "");
  await send(through(proxyUrl, first?.instruction ?? "", false));
  const { took, begun } = await planningTime(modelUrl);
  return begun - asked - took;
}
