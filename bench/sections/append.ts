// Events appended a second, counted by the log itself: small changes from 32 callers at once, in one space and over eight.
import { runLoad } from "../load.ts";
import { headSeq, newPerson, newSession, type Person, rename, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "append: events appended, with hash chain and durable commit";
const CALLERS = 32;
const SECONDS = 6;

export async function appendSection(withProduct: boolean): Promise<Row[]> {
  if (!withProduct) return [];
  const product = await startProduct("http://127.0.0.1:9");
  try {
    const rows: Row[] = [];
    for (const spaces of [1, 8]) {
      const seats: { person: Person; session: string }[] = [];
      for (let index = 0; index < spaces; index++) {
        const person = await newPerson(product.url, 0);
        seats.push({ person, session: await newSession(product.url, person) });
      }
      const total = async () =>
        (await Promise.all(seats.map(({ person }) => headSeq(product.url, person)))).reduce((sum, seq) => sum + seq, 0);
      const next = (caller: number, id: string) => {
        const seat = seats[caller % seats.length];
        if (seat === undefined) throw new Error(`There is no seat ${caller}.`);
        return rename(product.url, seat.person, seat.session, `Bench ${id}`);
      };
      await runLoad({ callers: CALLERS, calls: CALLERS * 4, seconds: 5 }, next);
      const before = await total();
      const result = await runLoad({ callers: CALLERS, calls: 20_000, seconds: SECONDS }, next);
      const appended = (await total()) - before;
      const failed = result.answers.filter(({ answer }) => answer.status >= 300).length;
      const latencies = result.answers.map(({ answer }) => answer.milliseconds);
      rows.push({
        section: SECTION,
        case: `${CALLERS} callers, ${spaces} space${spaces === 1 ? "" : "s"}`,
        contender: "Retinue",
        figures: {
          "events/s": appended / result.seconds,
          events: appended,
          "p50 ms": percentile(latencies, 0.5),
          "p95 ms": percentile(latencies, 0.95),
        },
        ...(failed === 0 ? {} : { note: `${failed} requests failed` }),
      });
    }
    return rows;
  } finally {
    await product.stop();
  }
}
