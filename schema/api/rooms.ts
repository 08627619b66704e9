// Rooms, their threads and plain messages (api.md C). A room and a chat session are the same thing.
import { z } from "zod";
import { Zone } from "../events/envelope.ts";
import { idOf } from "../ids.ts";
import { ChatSession, Title } from "./chat.ts";
import { Instant, pageOf } from "./common.ts";

export const Room = ChatSession.extend({
  main_thread_id: idOf("thread").meta({ description: "Where chat goes" }),
  forked_from: z
    .object({ room_id: idOf("room"), seq: z.int() })
    .nullable()
    .meta({ description: "The room it continues, and up to which event" }),
}).meta({ id: "Room", description: "A conversation with its threads; the same thing as a chat session" });
export type Room = z.infer<typeof Room>;
export const RoomPage = pageOf(Room, "RoomPage");

export const CreateRoomBody = z
  .strictObject({
    title: Title,
    zone: Zone.optional().meta({ description: "Default `supervised`; `sandbox` needs the scope `manage` besides" }),
  })
  .meta({ id: "CreateRoomBody", description: "A new room" });
export type CreateRoomBody = z.infer<typeof CreateRoomBody>;

export const RoomPath = z.object({
  room_id: idOf("room").meta({ description: "The room", example: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const ThreadPath = z.object({
  thread_id: idOf("thread").meta({ description: "The thread", example: "th_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

export const Thread = z
  .object({
    id: idOf("thread").meta({ example: "th_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    room_id: idOf("room"),
    title: z.string().meta({ example: "Refactoring" }),
    main: z.boolean().meta({ description: "The thread where chat goes; it bears the room's title" }),
    created_at: Instant,
  })
  .meta({ id: "Thread", description: "A discussion inside a room" });
export type Thread = z.infer<typeof Thread>;
export const ThreadPage = pageOf(Thread, "ThreadPage");

export const CreateThreadBody = z
  .strictObject({ title: Title })
  .meta({ id: "CreateThreadBody", description: "A new thread" });

export const PlainMessageBody = z
  .strictObject({
    content: z.string().min(1).max(100_000).meta({ description: "Markdown", example: "The tests are **green**." }),
  })
  .meta({ id: "PlainMessageBody", description: "A message that is just a message: it begins no run" });

export const ForkBody = z
  .strictObject({
    from_seq: z.int().min(1).meta({ description: "The last event of the log the new room knows of", example: 42 }),
    title: Title.optional(),
  })
  .meta({ id: "ForkBody", description: "From where to continue" });
export type ForkBody = z.infer<typeof ForkBody>;
