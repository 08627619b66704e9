// The name a write's content has until it is renamed into place. It is made of the call's id, so that after a crash one can
// see whether that call's rename had happened.

import type { Denied } from "./outcome.ts";

const FORM = /^\.retinue-tc_[0-9A-Z]{26}\.tmp$/;

/** The temporary file's name for one call. */
export const temporaryName = (callId: string): string => `.retinue-${callId}.tmp`;

/** True for such a name; agents neither see, read nor write these. */
export const isTemporary = (name: string): boolean => FORM.test(name);

/** Why a path with such a name in it is refused; null for any other. */
export const keptForItself = (path: string, parts: readonly string[]): Denied | null =>
  parts.some(isTemporary)
    ? { code: "bad_path", message: `${JSON.stringify(path)} is a name this device keeps for itself` }
    : null;
