// The frames of our two WebSocket protocols: the device link, and the live stream with the same cursor as SSE.
import { z } from "zod";
import { DeviceToolName, type ToolName } from "./api/agents.ts";
import { idOf } from "./ids.ts";
import { MEMORY_LIMITS } from "./memory.ts";

/** Subprotocol of `WS /my/projects/{id}/device`. */
export const DEVICE_PROTOCOL = "retinue.device.v1";
/** Subprotocol of the live stream over a WebSocket. */
export const LIVE_PROTOCOL = "retinue.live.v1";

/** Caps both sides hold to, in bytes. A result above INLINE is kept as an artifact and shown to the agent truncated. */
export const TOOL_LIMITS = {
  readBytes: 1_000_000,
  writeBytes: 1_000_000,
  listEntries: 1_000,
  pathBytes: 1_024,
  inlineResultBytes: 64_000,
} as const;

// Half a surrogate pair has no canonical JSON (RFC 8785), so no hash and no place in the log.
const WELL_FORMED = "must be well-formed text";
const wellFormed = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => text.isWellFormed(), WELL_FORMED);
/** What a device says is kept as it came, with such halves replaced. */
const mended = (longest: number) =>
  z
    .string()
    .max(longest)
    .overwrite((text) => text.toWellFormed());

/** The arguments of each tool, exactly as a model may give them. */
export const ToolArguments = {
  read_file: z.strictObject({ path: wellFormed(TOOL_LIMITS.pathBytes).min(1) }),
  write_file: z.strictObject({
    path: wellFormed(TOOL_LIMITS.pathBytes).min(1),
    content: wellFormed(TOOL_LIMITS.writeBytes),
  }),
  list_directory: z.strictObject({ path: wellFormed(TOOL_LIMITS.pathBytes).min(1).default(".") }),
  web_fetch: z.strictObject({ url: wellFormed(2_000).min(1) }),
  web_search: z.strictObject({ query: wellFormed(400).min(1), count: z.int().min(1).max(20).default(8) }),
  call_agent: z.strictObject({ agent: wellFormed(120).min(1), instruction: wellFormed(8_000).min(1) }),
  memory_write: z
    .strictObject({
      type: z.enum(["core", "associative"]),
      key: wellFormed(MEMORY_LIMITS.keyLength).trim().min(1).optional(),
      entity_type: wellFormed(60).trim().min(1).optional(),
      entity: wellFormed(200).trim().min(1).optional(),
      value: wellFormed(MEMORY_LIMITS.valueLength).trim().min(1),
    })
    .refine(({ type, key }) => type !== "core" || key !== undefined, "a core memory needs a key")
    .refine(
      ({ type, entity }) => type !== "associative" || entity !== undefined,
      "an associative memory needs an entity",
    ),
} as const satisfies Record<ToolName, z.ZodType>;

/** First frame of a device. */
export const DeviceHello = z.object({
  type: z.literal("hello"),
  device_id: idOf("device")
    .nullable()
    .meta({ description: "From an earlier welcome, so that a reconnecting device is the same device" }),
  name: mended(80).min(1),
  folder: mended(255).min(1).meta({ description: "The folder's own name, never its full path" }),
  tools: z.array(DeviceToolName).max(16),
  read_only: z.boolean(),
});
export type DeviceHello = z.infer<typeof DeviceHello>;

/** What a device answers to a call. */
export const DeviceResult = z.object({
  type: z.literal("tool_result"),
  call_id: idOf("toolCall"),
  outcome: z.discriminatedUnion("status", [
    z.object({
      status: z.literal("succeeded"),
      content: mended(4_000_000),
      bytes: z.int().min(0),
      truncated: z.boolean(),
    }),
    z.object({ status: z.literal("failed"), code: mended(60), message: mended(2_000) }),
    z.object({ status: z.literal("indeterminate"), message: mended(2_000) }),
  ]),
});
export type DeviceResult = z.infer<typeof DeviceResult>;

export const FromDevice = z.discriminatedUnion("type", [DeviceHello, DeviceResult]);
export type FromDevice = z.infer<typeof FromDevice>;

export const DeviceWelcome = z.object({
  type: z.literal("welcome"),
  device_id: idOf("device"),
  user_id: idOf("user"),
  project_id: idOf("project"),
});
export type DeviceWelcome = z.infer<typeof DeviceWelcome>;

/** A call for the device. It must refuse one for another user or project, and a write without an approval. */
export const DeviceCall = z.object({
  type: z.literal("tool_call"),
  call_id: idOf("toolCall"),
  user_id: idOf("user"),
  project_id: idOf("project"),
  tool: z.string().max(60),
  tool_version: z.int(),
  arguments: z.record(z.string(), z.unknown()),
  arguments_hash: z.string(),
  approval_id: idOf("approval").nullable(),
  agent: z.string(),
  deadline: z.string(),
});
export type DeviceCall = z.infer<typeof DeviceCall>;

/** Tells the device to forget a call it has not begun. */
export const DeviceCancel = z.object({ type: z.literal("tool_cancel"), call_id: idOf("toolCall") });

/** The server took the frame for something it will not act on. */
export const DeviceRefused = z.object({ type: z.literal("refused"), code: z.string(), message: z.string() });

export const ToDevice = z.discriminatedUnion("type", [DeviceWelcome, DeviceCall, DeviceCancel, DeviceRefused]);
export type ToDevice = z.infer<typeof ToDevice>;

/** What the server sends on a live socket. `seq` is null for signals, which are not stored. */
export const LiveFrame = z.object({
  seq: z.int().nullable(),
  event: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type LiveFrame = z.infer<typeof LiveFrame>;

/** What a listener sends on a live socket: how far it has read. A reader that never acknowledges is let go. */
export const LiveAck = z.object({ type: z.literal("ack"), seq: z.int().min(0) });
