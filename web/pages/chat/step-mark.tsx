// How a step stands, as a mark.
import { Ban, Check, CircleDashed, SkipForward, X } from "lucide-react";
import { Spinner } from "../../ui/spinner.tsx";

/** The mark of each state. */
export const STEP_MARK = {
  pending: <CircleDashed className="text-ink-3" aria-hidden="true" />,
  running: <Spinner className="text-accent" />,
  completed: <Check className="text-ok" aria-hidden="true" />,
  failed: <X className="text-danger" aria-hidden="true" />,
  skipped: <SkipForward className="text-ink-3" aria-hidden="true" />,
  cancelled: <Ban className="text-ink-3" aria-hidden="true" />,
} as const;
