// The ends of rooms as they are kept in memory: always the last rows of the table, whatever was written or rolled back; and
// the history that is made of them, which must be what reading the table would make.
import { describe, expect, it } from "vitest";
import { fitHistory } from "#domain/chat/conversation.ts";
import { pastMessages } from "#durable-objects/worker-space/past-messages.ts";
import { Tables } from "#durable-objects/worker-space/tables.ts";
import type { MessageRow } from "#schema/space/read-models.ts";
import { withCountedQueries } from "#tests/support/workerd/counted-queries.ts";

const message = (roomId: string, at: number, changes: Partial<MessageRow> = {}): MessageRow => ({
  roomId,
  streamSeq: at,
  seq: at * 10,
  id: `msg_${roomId}_${at}`,
  role: at % 2 === 0 ? "agent" : "user",
  content: `message ${at}`,
  agentId: null,
  agentName: null,
  targetAgent: null,
  runId: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  threadId: "th_main",
  citations: null,
  ...changes,
});

/** Tables over a migrated space, and how many queries were made. */
const withTables = (
  look: (made: Tables, storage: DurableObjectStorage, queries: () => number) => void,
): Promise<void> => withCountedQueries((sql, storage, queries) => look(new Tables(sql), storage, queries));

const stored = ({ messages }: Tables, roomId: string): MessageRow[] =>
  messages.find("where room_id = ? order by stream_seq", roomId);

const CONVERSATION = { roomId: "room_1", threadId: "th_main" };
const wordsOf = (history: readonly { readonly content: string }[]): string[] => history.map(({ content }) => content);

describe("the end of a room", () => {
  it("is read once, and what is said afterwards is its end", async () => {
    await withTables((tables, _, queries) => {
      tables.messages.put(message("room_1", 1));
      expect(tables.messages.endOf("room_1")).toMatchObject({ isWhole: true, rows: [{ streamSeq: 1 }] });
      const read = queries();
      for (let at = 2; at < 150; at += 1) tables.messages.put(message("room_1", at));
      const { rows, isWhole } = tables.messages.endOf("room_1");
      expect(queries()).toBe(read);
      expect(isWhole).toBe(false);
      expect(rows).toEqual(stored(tables, "room_1").slice(-rows.length));
      expect(rows.length).toBeGreaterThan(100);
    });
  });

  it("is the table's again after a transaction was rolled back", async () => {
    await withTables((tables, storage) => {
      tables.messages.put(message("room_1", 1));
      tables.messages.endOf("room_1");
      expect(() =>
        storage.transactionSync(() => {
          tables.messages.put(message("room_1", 2));
          throw new Error("rolled back");
        }),
      ).toThrow("rolled back");
      tables.forget();
      expect(tables.messages.endOf("room_1").rows).toEqual([message("room_1", 1)]);
    });
  });

  it("no longer holds what was taken out of a message, and holds what was copied before its beginning", async () => {
    await withTables((tables) => {
      for (let at = 1; at < 5; at += 1) tables.messages.put(message("room_1", at));
      tables.messages.endOf("room_1");
      tables.messages.put(message("room_1", 2, { content: "" }));
      tables.messages.put(message("room_1", -1, { content: "from another room" }));
      expect(wordsOf(tables.messages.endOf("room_1").rows)).toEqual([
        "from another room",
        "message 1",
        "",
        "message 3",
        "message 4",
      ]);
    });
  });

  it("is right for more rooms than are kept in memory, in whatever order they are asked about", async () => {
    await withTables((tables) => {
      const rooms = Array.from({ length: 40 }, (_, at) => `room_${at}`);
      for (const room of rooms) tables.messages.put(message(room, 1));
      for (const room of rooms) expect(tables.messages.endOf(room).rows).toHaveLength(1);
      for (const room of rooms) tables.messages.put(message(room, 2));
      for (const room of rooms.toReversed())
        expect(tables.messages.endOf(room).rows).toEqual([message(room, 1), message(room, 2)]);
    });
  });
});

describe("a room's history", () => {
  it.each([
    ["short messages", (at: number) => `message ${at}`],
    ["long messages", (at: number) => `${at} ${"слово ".repeat(at * 20)}`],
    ["one message too long for memory", (at: number) => (at === 148 ? "word ".repeat(30_000) : `message ${at}`)],
    ["messages without words", () => ""],
  ])("is what reading the table would make of it: %s", async (_, contentOf) => {
    await withTables((tables) => {
      for (let at = 1; at < 150; at += 1)
        tables.messages.put(
          message("room_1", at, { content: contentOf(at), ...(at % 7 === 0 ? { threadId: "th_other" } : {}) }),
        );
      for (const before of [20, 700, 1_485, 1_500])
        for (const tokens of [0, 30, 500, 8_000, 100_000]) {
          const read = stored(tables, "room_1")
            .filter(({ seq, threadId }) => seq < before && threadId === "th_main")
            .slice(-100);
          const history = pastMessages(tables, CONVERSATION, before, tokens);
          expect(wordsOf(fitHistory(history, tokens))).toEqual(wordsOf(fitHistory(read, tokens)));
        }
    });
  });

  it("asks the table for nothing that was said lately", async () => {
    await withTables((tables, _, queries) => {
      tables.messages.endOf("room_1");
      for (let at = 1; at < 150; at += 1) tables.messages.put(message("room_1", at));
      const read = queries();
      expect(pastMessages(tables, CONVERSATION, 1_500, 8_000)).toHaveLength(100);
      expect(queries()).toBe(read);
    });
  });
});
