// What somebody typed into the dialog that tidies up, as the rules the server takes. "Everything" of any age is no rule.
import type { PruneRules } from "#client/sdk/agent-context.ts";
import { PruneContextBody } from "#schema/api/context.ts";

/** The dialog's fields. */
export interface PruneDraft {
  readonly type: string;
  readonly olderThanDays: string;
  readonly failedOnly: boolean;
  readonly keep: string;
}

const number = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

/** The rules; null when there are none, or one is no number. */
export const readPrune = ({ type, olderThanDays, failedOnly, keep }: PruneDraft): PruneRules | null => {
  const read = PruneContextBody.safeParse({
    type: type === "all" ? undefined : type,
    older_than_days: number(olderThanDays),
    success: failedOnly ? false : undefined,
    max_count: number(keep),
  });
  return read.success ? read.data : null;
};
