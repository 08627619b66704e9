// What went wrong, in words for a person: a title, and what to do next. The server's own sentence is kept where it says more.
import { ApiError, NoAnswer } from "#client/sdk/api-error.ts";
import { NewVersion } from "./new-version.ts";

/** An error as it is shown. */
export interface Explained {
  readonly title: string;
  readonly next: string;
  /** What to tell whoever looks into it; null when there is nothing to look for. */
  readonly reference: string | null;
  /** The same question would get the same answer. */
  readonly isFinal: boolean;
}

const AGAIN = "Try again. If it happens again, tell whoever runs this installation.";
const NEXT: Readonly<Record<string, string>> = {
  unauthenticated: "Sign in again.",
  invalid_credentials: "Check both, or make a new account.",
  email_taken: "Sign in instead, or use another address.",
  isolation_violation: "It may be in another account. Go back and choose one of your projects.",
  not_found: "It may have been deleted. Go back and look again.",
  already_decided: "Somebody answered in the meantime, or its time ran out.",
  already_held: "An approval can be held once.",
  rate_limited: "Wait a moment; it will go through again within a minute.",
  budget_exhausted: "Raise the budget, or wait for the next month.",
  unknown_agent: "Begin the message with @ to choose an agent.",
  no_target_agent: "Begin the message with @ to choose an agent.",
  model_unavailable: "Try again; if it goes on, look at the model's settings on the server.",
  quota_exceeded: "Delete something, or finish what waits.",
  version_conflict: "Load it again and repeat the change.",
  not_configured: "Whoever runs this installation must complete its settings.",
  short_state_unavailable: "Try again in a minute.",
  cross_site: "Open the console by its own address and sign in there.",
  memory_passphrase_wrong: "Type it again; upper and lower case count.",
  memory_locked: "Unlock your memories with their passphrase first.",
  internal: AGAIN,
};

/** Statuses of questions that cannot be answered here, however often they are asked. */
const FINAL: readonly number[] = [400, 403, 404, 410, 422];

/** The title and the next step of any error. */
export const explain = (error: unknown): Explained => {
  if (error instanceof NewVersion)
    return {
      title: "There is a new version of this console",
      next: "This page came from the one before. Reload it to go on.",
      reference: null,
      isFinal: false,
    };
  // Without a cause it was an answer, only not one of ours.
  if (error instanceof NoAnswer && error.cause === undefined)
    return {
      title: "The answer is not one this page understands",
      next: "Reload the page: the server may be newer than it. If that does not help, tell whoever runs this installation.",
      reference: error.message,
      isFinal: false,
    };
  if (error instanceof NoAnswer)
    return {
      title: "The server cannot be reached",
      next: "Check that it runs and that you are online, then try again.",
      reference: null,
      isFinal: false,
    };
  if (error instanceof ApiError) {
    const field = error.errors[0];
    const detail = error.detail ?? (field === undefined ? undefined : `${field.path}: ${field.message}`);
    const step = Object.hasOwn(NEXT, error.code) ? NEXT[error.code] : error.status >= 500 ? AGAIN : undefined;
    return {
      title: error.problem.title,
      next: [detail === undefined ? undefined : sentence(detail), step].filter(Boolean).join(" ") || "Try again.",
      reference: error.status >= 500 && error.requestId !== "" ? `request ${error.requestId}` : null,
      isFinal: FINAL.includes(error.status),
    };
  }
  return {
    title: "Something went wrong in this page",
    next: error instanceof Error ? `${sentence(error.message)} Reload the page.` : "Reload the page.",
    reference: null,
    isFinal: false,
  };
};

const sentence = (text: string): string => {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
};
