// Listeners for tests: an SSE reader and a live socket, both collecting what they hear.
import type { RoomId } from "#schema/ids.ts";
import type { FreshSpace } from "./spaces.ts";

/** One notice as a listener hears it. */
export interface Heard {
  readonly seq: number | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const headers = (
  space: FreshSpace,
  room: RoomId | null,
  fromSeq: number | null,
  until: number,
): Record<string, string> => ({
  "x-space-user": space.user_id,
  "x-space-project": space.project_id,
  "x-space-until": String(until),
  "x-space-listen": room === null ? "space" : `room:${room}`,
  "x-space-wire": "chat",
  ...(fromSeq === null ? {} : { "x-space-from-seq": String(fromSeq) }),
});

/** Opens an SSE stream and reads it in the background. */
export const listenSse = async (
  space: FreshSpace,
  room: RoomId | null,
  fromSeq: number | null,
  until = Date.now() + 600_000,
) => {
  const response = await space.stub.fetch(
    new Request("http://space/live", { headers: headers(space, room, fromSeq, until) }),
  );
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error(`no stream: ${response.status}`);
  const heard: Heard[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split("\n")
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field("data");
        if (data === undefined) continue;
        const id = field("id");
        heard.push({ seq: id === undefined ? null : Number(id), event: field("event") ?? "", data: JSON.parse(data) });
      }
    }
  })();
  // A stream nobody waits for any more may break with its space.
  reading.catch(() => undefined);
  return {
    heard,
    /** Settles when the stream is over. */
    ended: reading,
    stored: () => heard.flatMap((one) => (one.seq === null ? [] : [one.seq])),
    stop: () => reader.cancel().then(() => reading.catch(() => undefined)),
  };
};

/** Opens a live socket and collects its frames. */
export const listenSocket = async (
  space: FreshSpace,
  room: RoomId | null,
  fromSeq: number | null,
  until = Date.now() + 600_000,
) => {
  const response = await space.stub.fetch(
    new Request("http://space/live", {
      headers: {
        ...headers(space, room, fromSeq, until),
        upgrade: "websocket",
        "sec-websocket-protocol": "retinue.live.v1",
      },
    }),
  );
  const socket = response.webSocket;
  if (socket === null) throw new Error(`no socket: ${response.status}`);
  const heard: Heard[] = [];
  socket.accept();
  socket.addEventListener("message", (event) => void heard.push(JSON.parse(String(event.data))));
  return { heard, socket, stored: () => heard.flatMap((one) => (one.seq === null ? [] : [one.seq])) };
};
