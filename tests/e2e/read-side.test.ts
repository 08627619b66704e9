// The account-wide usage of a real server that is killed while its queue, which forgets, is bringing it up to date: in the
// end every model call in the log is counted, and none twice.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { newGuest } from "#tests/support/guest.ts";
import { startServer } from "../../scripts/server-process.ts";

const KILLS = 3;
/** A nudge is delivered five seconds after it was sent, and a batch waits a second more: the kills fall around that. */
const kills = Array.from({ length: KILLS }, (_, n) => 4_500 + n * 750 + Math.random() * 750);

it("counts every call once, however the server dies while it is counting", { timeout: 300_000 }, async () => {
  // Learning asks a model once it is quiet; here only what was said is to be counted.
  const quiet = { MEMORY_LEARN_AFTER_SECONDS: "86400" };
  const server = await startServer({
    env: { RATE_LIMIT_PER_MINUTE: "0", AUTH_RATE_LIMIT_PER_MINUTE: "1000", ...quiet },
  });
  onTestFinished(() => server.stop());
  const guest = await newGuest(server.url);
  const session = (await guest.ask("/my/chat", { body: {} })).json;
  const talk = async (n: number) => {
    const posted = await guest.ask(`/my/chat/${session.id}/message`, { body: { content: `@Architect hello ${n}` } });
    expect(posted.json.run.status).toBe("completed");
  };
  const counted = async () => (await guest.ask("/my/usage?days=2")).json.total;
  const logged = async () => {
    const called: { readonly data: Record<string, number> }[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { items: typeof called; next_from_seq: number | null } = (
        await guest.ask(`/v1/events?limit=100&type=model.called&from_seq=${from}`)
      ).json;
      called.push(...page.items);
      from = page.next_from_seq;
    }
    const sum = (field: string) => called.reduce((total, { data }) => total + (data[field] ?? 0), 0);
    return { calls: called.length, input_tokens: sum("input_tokens"), output_tokens: sum("output_tokens") };
  };

  for (const [n, after] of kills.entries()) {
    await talk(n);
    await talk(n);
    await sleep(after);
    await server.kill9();
    await server.restart();
  }
  // The last nudge may have died with the queue: the space finds that nothing came of it, and tells again.
  await expect.poll(counted, { timeout: 90_000, interval: 1_000 }).toMatchObject(await logged());
  expect((await logged()).calls).toBe(2 * KILLS);

  await talk(KILLS);
  await expect.poll(counted, { timeout: 60_000, interval: 500 }).toMatchObject({ calls: 2 * KILLS + 1 });
  expect(await counted()).toMatchObject(await logged());
});
