// The two protocols' schemas against text that has no canonical JSON: half a surrogate pair.
import { expect, test } from "vitest";
import { DeviceHello, DeviceResult, ToolArguments } from "#schema/frames.ts";

test("a tool's arguments must be well-formed text", () => {
  expect(ToolArguments.read_file.safeParse({ path: "\ud800" }).success).toBe(false);
  expect(ToolArguments.list_directory.safeParse({ path: "a/\udc00" }).success).toBe(false);
  expect(ToolArguments.write_file.safeParse({ path: "a", content: "b\ud800" }).success).toBe(false);
  expect(ToolArguments.write_file.safeParse({ path: "😀", content: "😀" }).success).toBe(true);
});

test("what a device says is mended, not refused", () => {
  const call_id = "tc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
  const outcome = { status: "succeeded", content: "a\ud800b", bytes: 3, truncated: false };
  expect(DeviceResult.parse({ type: "tool_result", call_id, outcome }).outcome).toEqual({
    ...outcome,
    content: "a\ufffdb",
  });
  const hello = { type: "hello", device_id: null, name: "\ud800", folder: "f\udc00", tools: [], read_only: true };
  expect(DeviceHello.parse(hello)).toMatchObject({ name: "\ufffd", folder: "f\ufffd" });
});
