// What a device tells the person it works for, as data and as one line of harmless text.
import type { DeviceCall } from "#schema/frames.ts";
import { harmlessLine } from "../terminal/harmless.ts";
import type { Outcome } from "./outcome.ts";

/** Something the device did or met. */
export type DeviceNotice =
  | { readonly kind: "connected"; readonly deviceId: string }
  | { readonly kind: "disconnected"; readonly why: string }
  | { readonly kind: "waiting"; readonly ms: number }
  | { readonly kind: "called"; readonly call: DeviceCall }
  | { readonly kind: "answered"; readonly call: DeviceCall; readonly outcome: Outcome }
  | { readonly kind: "cancelled"; readonly callId: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "ignored"; readonly why: string };

const pathOf = (call: DeviceCall): string => {
  const path = call.arguments.path;
  return JSON.stringify(typeof path === "string" ? path : ".");
};

const ending = (call: DeviceCall, outcome: Outcome): string => {
  switch (outcome.status) {
    case "succeeded":
      if (call.tool === "write_file") return `done: ${outcome.content}`;
      return `done, ${outcome.bytes} bytes${outcome.truncated ? ", shortened" : ""}`;
    case "failed":
      return `refused (${outcome.code}): ${outcome.message}`;
    case "indeterminate":
      return `UNCERTAIN: ${outcome.message}`;
  }
};

/** One line about a notice. Everything in it that came from outside is made harmless. */
export const describeNotice = (notice: DeviceNotice): string => {
  switch (notice.kind) {
    case "connected":
      return "connected";
    case "disconnected":
      return harmlessLine(`disconnected: ${notice.why}; reconnecting`);
    case "waiting":
      return `the server cannot be reached; next try in ${(notice.ms / 1000).toFixed(1)} s`;
    case "called":
      return harmlessLine(`${notice.call.agent}: ${notice.call.tool} ${pathOf(notice.call)}`);
    case "answered":
      return harmlessLine(
        `${notice.call.agent}: ${notice.call.tool} ${pathOf(notice.call)} ${ending(notice.call, notice.outcome)}`,
      );
    case "cancelled":
      return `a call was withdrawn before it began`;
    case "refused":
      return harmlessLine(`the server refused a frame (${notice.code}): ${notice.message}`);
    case "ignored":
      return `ignored ${notice.why}`;
  }
};

/** A notice for JSON output: what happened to which path, never a file's content. */
export const noticeRecord = (notice: DeviceNotice): Readonly<Record<string, unknown>> => {
  if (notice.kind === "called" || notice.kind === "answered") {
    const { call_id, tool, agent, arguments: args } = notice.call;
    const about = { kind: notice.kind, call_id, tool, agent, path: args.path ?? "." };
    if (notice.kind === "called") return about;
    const { status } = notice.outcome;
    return status === "succeeded" ? { ...about, status, bytes: notice.outcome.bytes } : { ...about, ...notice.outcome };
  }
  return { ...notice };
};
