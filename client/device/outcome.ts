// How a call on the device can end, and how a refusal of the guard is said. Messages name the path as the agent gave it,
// never where it really led: what lies outside the folder is not for the agent to learn.
import type { DeviceResult } from "#schema/frames.ts";
import type { Result } from "#schema/result.ts";

/** What is told to the server about a call. */
export type Outcome = DeviceResult["outcome"];

/** Why the device will not do something. */
export interface Denied {
  readonly code:
    | "bad_path"
    | "outside_folder"
    | "symlink"
    | "not_found"
    | "not_a_file"
    | "not_a_directory"
    | "not_text"
    | "too_large"
    | "permission_denied"
    | "io_error"
    | "read_only"
    | "approval_missing"
    | "hash_mismatch"
    | "unknown_tool"
    | "bad_arguments"
    | "deadline_passed"
    | "foreign_call"
    | "call_conflict"
    | "cancelled";
  readonly message: string;
}

/** A value, or the guard's no. */
export type Guarded<T> = Result<T, Denied>;

/** Says no. */
export const deny = (code: Denied["code"], message: string): { readonly ok: false; readonly refusal: Denied } => ({
  ok: false,
  refusal: { code, message },
});

/** A refusal as the outcome of a call. */
export const failed = (denied: Denied): Outcome => ({
  status: "failed",
  code: denied.code,
  message: denied.message.slice(0, 2_000),
});

/** A result as the outcome of a call. */
export const succeeded = (content: string, truncated = false): Outcome => ({
  status: "succeeded",
  content,
  bytes: Buffer.byteLength(content),
  truncated,
});

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** True when a file system call failed for this reason. */
export const isCode = (error: unknown, ...codes: readonly string[]): boolean => codes.includes(codeOf(error));

/** What a failed file system call means for the path it was about. */
export const denyError = (error: unknown, path: string): { readonly ok: false; readonly refusal: Denied } => {
  const name = JSON.stringify(path);
  const code = codeOf(error);
  if (code === "ENOENT") return deny("not_found", `${name} does not exist`);
  if (code === "ENOTDIR") return deny("not_a_directory", `A part of ${name} is not a directory`);
  if (code === "EISDIR") return deny("not_a_file", `${name} is a directory`);
  if (code === "ELOOP") return deny("symlink", `${name} leads through a symbolic link`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return deny("permission_denied", `${name} may not be used by this device's user`);
  if (code === "ENAMETOOLONG" || code === "EILSEQ" || code === "EINVAL")
    return deny("bad_path", `${name} is not a possible file name here`);
  if (code === "ENXIO" || code === "ENODEV") return deny("not_a_file", `${name} is not a regular file`);
  return deny("io_error", `${name} could not be used (${code === "" ? "unexpected error" : code})`);
};
