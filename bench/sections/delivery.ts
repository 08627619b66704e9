// How long one event takes to reach everybody who listens: 100 and 1,000 listeners on one session, over SSE and over the
// live WebSocket, next to a raw Node broadcast in the same run. Two clocks: from the request that causes the event, and from
// the event's own `at` (whole milliseconds), which leaves the request's way in out of it.
import { setTimeout as sleep } from "node:timers/promises";
import { forkFile, nextMessage, startProcess } from "../child.ts";
import type { Gather, Seen } from "../listeners.ts";
import { type Call, send } from "../load.ts";
import { newPerson, newSession, rename, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "delivery: one event to everybody who listens, ms";
const CROWDS = [100, 1_000] as const;
const ROUNDS = 40;
const WARM_UP = 5;
/** As in listeners.ts, which starts a crowd when imported. */
const ACK_EVERY = 10;
const PATIENCE_MS = 5_000;

interface Contender {
  readonly name: string;
  readonly transport: Gather["transport"];
  readonly port: number;
  readonly path: string;
  readonly headers: readonly string[];
  readonly trigger: (marker: string) => Call;
}

export async function deliverySection(withProduct: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const listeners of CROWDS) {
    const raw = await startProcess("baseline/broadcast.ts");
    const trigger = (title: string): Call => ({ method: "POST", url: raw.url, body: JSON.stringify({ title }) });
    rows.push(
      await measure(
        { name: "raw Node broadcast", transport: "sse", port: portOf(raw.url), path: "/", headers: [], trigger },
        listeners,
      ),
    );
    raw.stop();
  }
  if (withProduct) rows.push(...(await measureProduct()));
  return rows;
}

async function measureProduct(): Promise<Row[]> {
  const rows: Row[] = [];
  const product = await startProduct("http://127.0.0.1:9");
  try {
    const person = await newPerson(product.url, 0);
    for (const listeners of CROWDS) {
      for (const transport of ["sse", "ws"] as const) {
        const session = await newSession(product.url, person);
        const contender: Contender = {
          name: transport === "sse" ? "Retinue SSE" : "Retinue WebSocket",
          transport,
          port: portOf(product.url),
          path: `/my/chat/${session}/events`,
          headers: [`Authorization: Bearer ${person.token}`],
          trigger: (title) => rename(product.url, person, session, title),
        };
        rows.push(await measure(contender, listeners));
      }
    }
  } finally {
    await product.stop();
  }
  return rows;
}

async function measure(contender: Contender, listeners: number): Promise<Row> {
  const crowd = forkFile("listeners.ts");
  const fromRequest: number[] = [];
  const fromEvent: number[] = [];
  let missing = 0;
  try {
    const { transport, port, path, headers } = contender;
    crowd.send({ kind: "gather", transport, port, path, headers: [...headers], listeners } satisfies Gather);
    await nextMessage(crowd, "The crowd", 60_000);
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const marker = `bench-${round}-${Math.random().toString(36).slice(2, 8)}`;
      crowd.send({ kind: "watch", marker, patienceMs: PATIENCE_MS });
      await nextMessage(crowd, "The crowd");
      const seen = nextMessage(crowd, "The crowd");
      const began = performance.timeOrigin + performance.now();
      const answer = await send(contender.trigger(marker));
      if (answer.status >= 300)
        throw new Error(`${contender.name} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      const { arrivals, eventAt } = readSeen(await seen);
      if (round >= WARM_UP) {
        missing += listeners - arrivals.length;
        for (const arrival of arrivals) {
          fromRequest.push(arrival - began);
          if (eventAt !== null) fromEvent.push(arrival - eventAt);
        }
      }
      await sleep(contender.transport === "ws" && (round + 1) % ACK_EVERY === 0 ? 2_000 : 20);
    }
  } finally {
    crowd.kill();
  }
  return {
    section: SECTION,
    case: `${listeners} listeners`,
    contender: contender.name,
    figures: {
      "p50 from event": percentile(fromEvent, 0.5),
      "p99 from event": percentile(fromEvent, 0.99),
      "p50 from request": percentile(fromRequest, 0.5),
      "p99 from request": percentile(fromRequest, 0.99),
      rounds: ROUNDS,
    },
    ...(missing === 0 ? {} : { note: `${missing} deliveries did not come within ${PATIENCE_MS} ms` }),
  };
}

function readSeen(value: unknown): Seen {
  if (
    typeof value !== "object" ||
    value === null ||
    !("arrivals" in value) ||
    !(value.arrivals instanceof Float64Array)
  ) {
    throw new Error("The crowd said something else.");
  }
  return {
    kind: "seen",
    arrivals: value.arrivals,
    eventAt: "eventAt" in value && typeof value.eventAt === "number" ? value.eventAt : null,
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
