// What a person can do about a refusal: the words the command line adds where the server's own name only what is wrong.

const STEPS: Readonly<Record<string, string>> = {
  email_taken: "sign in with: retinue login",
  unauthenticated: "sign in with: retinue login, or set another RETINUE_TOKEN",
  budget_exhausted: "see and change the limits with: retinue budget, retinue orchestrator",
  memory_passphrase_wrong:
    "look at RETINUE_MEMORY_PASSPHRASE; without the right one sealed memories can only be deleted",
  memory_locked: "set RETINUE_MEMORY_PASSPHRASE, or add --unlock",
  rate_limited: "wait a little and try again",
  no_answer: "is the server running? Start it with npm start, or say with RETINUE_URL where it is",
};

/** What to do next, to be put behind a message; empty when there is nothing to add. */
export const nextStep = (code: string): string => {
  const step = Object.hasOwn(STEPS, code) ? STEPS[code] : undefined;
  return step === undefined ? "" : `; ${step}`;
};
