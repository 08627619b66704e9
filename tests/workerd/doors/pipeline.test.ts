// The pipeline through its door: runs move from stage to stage, and a snapshot that is still true is not sent again.
import { expect, it } from "vitest";
import { ask, register } from "#tests/support/workerd/api.ts";

it("shows every run in one stage, and answers 304 while nothing happens", async () => {
  const { token } = await register();
  const room = (await ask("/v1/rooms", { token, body: { title: "Work" } })).json;
  const say = (content: string) =>
    ask(`/my/chat/${room.id}/message`, { token, body: { content }, headers: { prefer: "wait=10" } });
  const snapshot = (headers: Record<string, string> = {}) => ask("/v1/pipeline/projection?limit=5", { token, headers });
  const counts = async () =>
    Object.fromEntries(
      (await snapshot()).json.stages.map(({ stage, count }: { stage: string; count: number }) => [stage, count]),
    );
  const none = { intake: 0, planned: 0, awaiting_approval: 0, running: 0, review: 0, done: 0 };
  expect(await counts()).toEqual(none);
  const done = (await say("@Architect hello")).json.run;
  expect(await counts()).toEqual({ ...none, done: 1 });
  const waiting = await ask(`/my/chat/${room.id}/message`, {
    token,
    body: { content: "@CodeAssistant write NOTES.md with buy milk" },
    headers: { prefer: "wait=1" },
  });
  expect(await counts()).toEqual({ ...none, done: 1, awaiting_approval: 1 });
  const seen = await snapshot();
  const [asked] = seen.json.stages[2].items;
  expect(asked).toMatchObject({ id: waiting.json.run.id, status: "waiting" });
  expect(seen.json.stages[5].items[0].id).toBe(done.id);
  const etag = seen.headers.get("etag") ?? "";
  expect(etag).toBe(`"${seen.json.version}"`);
  const same = await snapshot({ "if-none-match": `"other", W/${etag}` });
  expect({ status: same.status, text: same.text }).toEqual({ status: 304, text: "" });
  await ask(`/v1/runs/${waiting.json.run.id}/cancel`, { token, body: {} });
  const later = await snapshot({ "if-none-match": etag });
  expect(later.status).toBe(200);
  expect(await counts()).toEqual({ ...none, done: 2 });
});

it("fits one answer however much the runs were given", async () => {
  const { token } = await register();
  const room_id = (await ask("/v1/rooms", { token, body: { title: "Heavy" } })).json.id;
  const input = { text: "\u20ac".repeat(250_000) };
  // With them it would be more than the 32 MB that one message out of a space may have.
  for (let i = 0; i < 50; i += 1) await ask("/v1/runs", { token, body: { room_id, title: "t", input } });
  const { status, json } = await ask("/v1/pipeline/projection?limit=100", { token });
  expect(status).toBe(200);
  expect(json.stages[0].count).toBe(50);
  for (const run of json.stages[0].items) expect(run).toMatchObject({ title: "t", input: null, output: null });
});
