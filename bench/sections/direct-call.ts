// What a direct call costs over the model's own time, at 1, 8 and 32 callers, next to a raw Node proxy and a bare worker in
// the same run. The model stub says how long each of its answers took; the rest is ours.
import { startBareWorker } from "../bare-worker.ts";
import { startProcess } from "../child.ts";
import { type Call, type LoadResult, runLoad, sendJson } from "../load.ts";
import { directCall, newPerson, newSession, type Person, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "direct-call: added latency of a direct call over the model's own time, ms";
const SECONDS = 15;
const LEVELS = [
  { callers: 1, calls: 200 },
  { callers: 8, calls: 800 },
  { callers: 32, calls: 1_600 },
] as const;

type Next = (caller: number, id: string) => Call;

/** A caller's place: whose space, which session, which agent. */
interface Seat {
  readonly person: Person;
  readonly session: string;
  readonly agent: string;
}

export async function directCallSection(withProduct: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const model = await startProcess("stub-model.ts");
  const measure = async (contender: string, situation: string, level: (typeof LEVELS)[number], next: Next) => {
    await runLoad({ callers: level.callers, calls: level.callers * 4, seconds: 10 }, next);
    await sendJson({ method: "GET", url: `${model.url}/times` });
    const result = await runLoad({ ...level, seconds: SECONDS }, next);
    rows.push(rowOf(contender, situation, result, await sendJson({ method: "GET", url: `${model.url}/times` })));
  };
  try {
    const proxy = await startProcess("baseline/proxy.ts", { MODEL_URL: model.url });
    for (const level of LEVELS)
      await measure("raw Node proxy", `${level.callers} callers`, level, (_, id) => post(proxy.url, id));
    proxy.stop();

    const bare = await startBareWorker(model.url);
    for (const level of LEVELS) {
      await measure("bare Hono worker", `${level.callers} callers`, level, (caller, id) =>
        post(`${bare.url}/call/space-${caller}`, id),
      );
    }
    await bare.stop();
    if (withProduct) {
      await measureProduct(model.url, {}, "Retinue", measure);
      // What a call takes besides looking into the agent's context and the user's memory.
      await measureProduct(model.url, { CONTEXT_TOKEN_BUDGET: "0" }, "Retinue, nothing looked up", measure);
    }
  } finally {
    model.stop();
  }
  return rows;
}

async function measureProduct(
  modelUrl: string,
  settings: Readonly<Record<string, string>>,
  contender: string,
  measure: (contender: string, situation: string, level: (typeof LEVELS)[number], next: Next) => Promise<void>,
): Promise<void> {
  const product = await startProduct(modelUrl, settings);
  try {
    for (const level of LEVELS) {
      const situations = level.callers === 1 ? [1] : [1, level.callers];
      for (const spaces of situations) {
        const seats = await seatsOf(product.url, level.callers, spaces);
        const situation =
          level.callers === 1 ? "1 callers" : `${level.callers} callers, ${spaces} space${spaces === 1 ? "" : "s"}`;
        await measure(contender, situation, level, (caller, id) => {
          const seat = seats[caller];
          if (seat === undefined) throw new Error(`There is no seat ${caller}.`);
          return directCall(product.url, seat.person, seat.session, seat.agent, id);
        });
      }
    }
  } finally {
    await product.stop();
  }
}

/** Every caller has a session of its own; an agent works on 16 turns at once, so 32 callers of one space share two. */
async function seatsOf(url: string, callers: number, spaces: number): Promise<Seat[]> {
  const people: Person[] = [];
  for (let index = 0; index < spaces; index++)
    people.push(await newPerson(url, spaces === 1 ? Math.ceil(callers / 16) : 1));
  const seats: Seat[] = [];
  for (let caller = 0; caller < callers; caller++) {
    const person = people[caller % people.length];
    const agent = person?.agents[caller % person.agents.length];
    if (person === undefined || agent === undefined) throw new Error("Nobody to call.");
    seats.push({ person, agent, session: await newSession(url, person) });
  }
  return seats;
}

const post = (url: string, id: string): Call => ({
  method: "POST",
  url,
  body: JSON.stringify({
    model: "stub",
    stream: true,
    messages: [{ role: "user", content: `[[${id}]] Say something short.` }],
  }),
});

function rowOf(contender: string, situation: string, result: LoadResult, modelTimes: unknown): Row {
  const times = new Map(
    Object.entries(typeof modelTimes === "object" && modelTimes !== null ? modelTimes : {}).map(([id, value]) => [
      id,
      Number(value),
    ]),
  );
  const good = result.answers.filter(({ id, answer }) => answer.status === 200 && times.has(id));
  const added = good.map(({ id, answer }) => answer.milliseconds - (times.get(id) ?? 0));
  const failed = result.answers.length - good.length;
  const sample = result.answers.find(({ answer }) => answer.status !== 200)?.answer;
  return {
    section: SECTION,
    case: situation,
    contender,
    figures: {
      p50: percentile(added, 0.5),
      p95: percentile(added, 0.95),
      p99: percentile(added, 0.99),
      "model p50": percentile([...times.values()], 0.5),
      "calls/s": good.length / result.seconds,
      calls: good.length,
    },
    ...(failed === 0
      ? {}
      : {
          note: `${failed} calls without an answer in time${sample === undefined ? "" : `, e.g. ${sample.status} ${sample.text.slice(0, 160)}`}`,
        }),
  };
}
