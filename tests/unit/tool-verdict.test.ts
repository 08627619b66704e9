// What the gate says to a tool call, at each of its three looks.
import { expect, it } from "vitest";
import { judgeToolCall, type PolicyGround } from "#domain/policy/tool-call.ts";
import { toolNamed } from "#domain/tools/catalog.ts";

const GROUND: PolicyGround = { zone: "supervised", externalWriteStopped: false };

const decide = (
  name: string,
  config: Partial<Parameters<typeof judgeToolCall>[1]>,
  approved = false,
  ground: Partial<PolicyGround> = {},
) =>
  judgeToolCall(
    toolNamed(name),
    { tools: ["read_file", "write_file", "list_directory"], approval_required: false, ...config },
    { ...GROUND, ...ground },
    { approved },
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

it("lets the zone of the room decide what is asked and what is out of the question", () => {
  expect(decide("list_directory", {}, false, { zone: "sandbox" }).decision).toBe("allow");
  expect(decide("write_file", {}, false, { zone: "sandbox" }).decision).toBe("require_approval");
  expect(decide("read_file", {}, false, { zone: "high_stakes" }).decision).toBe("require_approval");
  expect(decide("write_file", {}, true, { zone: "high_stakes" })).toMatchObject({
    decision: "deny",
    reason_codes: expect.arrayContaining(["person_only"]),
  });
});

it("denies an approved write while the kill switch is on, and still reads", () => {
  const stopped = { externalWriteStopped: true };
  expect(decide("write_file", {}, true, stopped)).toMatchObject({ decision: "deny", reason_codes: ["kill_switch"] });
  expect(decide("read_file", {}, false, stopped).decision).toBe("allow");
});
