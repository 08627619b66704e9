// Chapters about what is kept: a stream that is cut in the middle goes on where it stopped, and the log proves itself.
import { sessionStream } from "#client/sdk/retinue.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { Listener } from "./listener.ts";
import { prove } from "./proof.ts";
import { takeTurn } from "./turn.ts";
import type { Visit } from "./visit.ts";
import { wholeLog } from "./whole-log.ts";

const CUT_AFTER_PIECES = 5;
const PATIENCE_MS = 20_000;

/** Listens until an answer is being spoken, and hangs up in the middle of it. */
const listenAndHangUp = async (stream: AsyncIterable<LiveFrame>): Promise<LiveFrame[]> => {
  const heard: LiveFrame[] = [];
  for await (const frame of stream) {
    heard.push(frame);
    if (heard.filter(({ event }) => event === "message_delta").length === CUT_AFTER_PIECES) break;
  }
  return heard;
};

/** A stream that is cut and resumed. */
export const resumedStream = async (visit: Visit): Promise<void> => {
  const { narrator, account, sessionId, over } = visit;
  const { api, projectId } = account;
  narrator.heading("A cut stream goes on where it stopped");
  const path = sessionStream(sessionId);
  // The newest event is replayed first: once it has come, the line is up, and what is said from then on is heard.
  const from = (await wholeLog(api, projectId, sessionId)).at(-1)?.seq ?? 1;
  const stream = api.sse(path, {
    fromSeq: from - 1,
    signal: AbortSignal.any([over, AbortSignal.timeout(PATIENCE_MS)]),
  });
  const opened = await stream.next();
  prove(opened.value?.seq === from, "a stream begins after the event that was named", opened.value?.seq);
  const first = listenAndHangUp(stream);
  const spoken = await takeTurn(visit, "@CodeAssistant read README.md");
  const before = await first;
  const seqsBefore = before.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  prove(
    before.at(-1)?.event === "message_delta" && before.at(-1)?.data.run_id === spoken.run.id,
    "the stream is cut in the middle of the answer",
    before.map(({ event }) => event),
  );
  const last = seqsBefore.at(-1);
  prove(last !== undefined, "something was heard before the cut");
  narrator.proven(`an SSE stream was cut in the middle of the answer, after event #${last}`);

  const missed = await takeTurn(visit, "@CodeAssistant list the files in src");
  const stop = new AbortController();
  const resumed = new Listener(api.sse(path, { fromSeq: last, signal: AbortSignal.any([over, stop.signal]) }));
  await resumed.endOf(missed.run.id);
  const live = await takeTurn(visit, "@CodeAssistant thank you");
  await resumed.endOf(live.run.id);
  stop.abort();
  await resumed.done;

  const heard = [...seqsBefore, ...resumed.seqs];
  const kept = (await wholeLog(api, projectId, sessionId)).map(({ seq }) => seq).filter((seq) => seq > from);
  prove(heard.join() === kept.join(), "live, replayed and live again is the log, once and in order", { heard, kept });
  narrator.proven(
    `${seqsBefore.length} events before the cut + ${resumed.seqs.length} after resuming = the ${kept.length} of the log: no gap, no duplicate`,
  );
};

/** The log, recomputed. */
export const verifiedLog = async ({ narrator, account, ear }: Visit): Promise<void> => {
  const { api, projectId } = account;
  narrator.heading("The log proves itself");
  const events = await wholeLog(api, projectId);
  const found = await api.verify(projectId);
  prove(found.valid && found.checked === events.length, "the hash chain holds over every event", found);
  await ear.until("the newest event", ({ seq }) => seq === events.at(-1)?.seq);
  prove(ear.seqs.join() === events.map(({ seq }) => seq).join(), "the live listener heard every event exactly once");
  narrator.proven(`the hash chain holds over all ${found.checked} events, and each was heard live exactly once`);
};
