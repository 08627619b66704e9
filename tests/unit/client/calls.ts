// Calls as a worker space sends them.
import { hashCall } from "#client/device/judge-call.ts";
import { DeviceCall } from "#schema/frames.ts";

/** For whom the tests' device works. */
export const OWNER = {
  userId: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3",
  projectId: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3",
} as const;
/** A device's id. */
export const DEVICE = "dev_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const APPROVAL = "appr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";

/** A call id that differs in its last digits. */
export const callId = (n: number): string => `tc_01K9Z8Q3T5E6R7Y8V9W0X1${String(n).padStart(4, "0")}`;

/** A good call; `change` spoils it. The hash is made of the arguments before they are spoiled. */
export const makeCall = (
  n: number,
  tool: string,
  args: Record<string, unknown>,
  change: Record<string, unknown> = {},
): DeviceCall =>
  DeviceCall.parse({
    type: "tool_call",
    call_id: callId(n),
    user_id: OWNER.userId,
    project_id: OWNER.projectId,
    tool,
    tool_version: 1,
    arguments: args,
    arguments_hash: hashCall(tool, 1, args),
    approval_id: tool === "write_file" ? APPROVAL : null,
    agent: "CodeAssistant",
    deadline: "2099-01-01T00:00:00.000Z",
    ...change,
  });
