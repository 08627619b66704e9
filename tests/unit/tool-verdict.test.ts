// What the gate says to a tool call, at each of its three looks.
import { expect, it } from "vitest";
import { judgeToolCall } from "#domain/policy/tool-call.ts";
import { toolNamed } from "#domain/tools/catalog.ts";

const decide = (name: string, config: Partial<Parameters<typeof judgeToolCall>[1]>, approved = false) =>
  judgeToolCall(
    toolNamed(name),
    { tools: ["read_file", "write_file", "list_directory"], approval_required: false, ...config },
    approved,
  );

it("lets a granted read pass and asks for a granted write until it is approved", () => {
  expect(decide("read_file", {}).decision).toBe("allow");
  expect(decide("write_file", {}).decision).toBe("require_approval");
  expect(decide("write_file", {}, true)).toMatchObject({
    decision: "allow",
    reason_codes: expect.arrayContaining(["approved_by_person"]),
  });
  expect(decide("read_file", { approval_required: true }).decision).toBe("require_approval");
});

it("denies what was not granted or does not exist, whoever approved it", () => {
  for (const approved of [false, true]) {
    expect(decide("write_file", { tools: ["read_file"] }, approved)).toMatchObject({
      decision: "deny",
      reason_codes: ["tool_not_granted"],
    });
    expect(decide("delete_everything", {}, approved)).toMatchObject({
      decision: "deny",
      reason_codes: ["unknown_tool"],
    });
  }
});
