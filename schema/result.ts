// An expected "no" is a value, never an exception: refusals must survive Workers RPC, which strips errors of their properties.
import type { RefusalCode } from "./errors.ts";

/** Why something was refused: a row of the table in errors.ts, and optionally a sentence and fields for this case. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail?: string;
  readonly extra?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Either a value or a refusal. Plain data, so it travels over RPC unchanged. */
export type Result<T, R = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R };

/** Wraps a value as success. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Builds a refusal. */
export const refuse = (
  code: RefusalCode,
  detail?: string,
  extra?: Refusal["extra"],
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { code, ...(detail === undefined ? {} : { detail }), ...(extra === undefined ? {} : { extra }) },
});
