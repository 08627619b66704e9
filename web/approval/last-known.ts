// What the log last knew of a file. There is no door through which a page could ask a device, so a write is compared with what
// an agent read or wrote there last, and it is said when that was: the file may be another by now.
import { z } from "zod";
import type { StoredEvent } from "#schema/api/events.ts";

/** A file as it was. Its text, or the artifact that holds it. */
export interface LastKnown {
  readonly how: "read" | "written";
  readonly at: string;
  readonly content: { readonly text: string } | { readonly artifactId: string };
}

const Requested = z.object({
  tool_call_id: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
});
const Edited = Requested.pick({ tool_call_id: true, arguments: true });
const Succeeded = z.object({
  tool_call_id: z.string(),
  result: z.string(),
  truncated: z.boolean(),
  artifact_id: z.string().nullable(),
});

/** The types of events this is told from. */
export const TOLD_FROM = ["toolcall.requested", "toolcall.edited", "toolcall.succeeded"] as const;

/** A path without what makes no difference: `./a//b/` is `a/b`. */
export const plainPath = (path: string): string =>
  path
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");

/** What was known last of the file at `path`; null when nobody read or wrote all of it. Events in any order. */
export const lastKnown = (path: string, events: readonly StoredEvent[]): LastKnown | null => {
  const wanted = plainPath(path);
  const calls = new Map<string, z.infer<typeof Requested>>();
  const inOrder = events.toSorted((one, other) => one.seq - other.seq);
  let known: LastKnown | null = null;
  for (const { type, data, at } of inOrder) {
    if (type === "toolcall.requested") {
      const call = Requested.safeParse(data).data;
      if (call !== undefined) calls.set(call.tool_call_id, call);
    } else if (type === "toolcall.edited") {
      const edit = Edited.safeParse(data).data;
      const call = calls.get(edit?.tool_call_id ?? "");
      if (edit !== undefined && call !== undefined)
        calls.set(call.tool_call_id, { ...call, arguments: edit.arguments });
    } else if (type === "toolcall.succeeded") {
      const done = Succeeded.safeParse(data).data;
      const call = calls.get(done?.tool_call_id ?? "");
      if (done === undefined || call === undefined) continue;
      const { path: touched, content } = call.arguments;
      if (typeof touched !== "string" || plainPath(touched) !== wanted) continue;
      if (call.tool === "write_file" && typeof content === "string")
        known = { how: "written", at, content: { text: content } };
      if (call.tool !== "read_file") continue;
      // Half a file is nothing to compare with.
      if (done.artifact_id !== null) known = { how: "read", at, content: { artifactId: done.artifact_id } };
      else if (!done.truncated) known = { how: "read", at, content: { text: done.result } };
    }
  }
  return known;
};
