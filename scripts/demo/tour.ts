// The tour: its chapters in order, on a visit of its own. Ends without a word only if everything really happened.
import type { Narrator } from "./narrator.ts";
import { resumedStream, verifiedLog } from "./remembering.ts";
import { directCall, fileRead, refusedEscape } from "./talking.ts";
import { teamWork, tightBudget } from "./teaming.ts";
import { duringVisit, type Visit } from "./visit.ts";
import { approvedWrite, rejectedWrite } from "./writing.ts";

const CHAPTERS: readonly ((visit: Visit) => Promise<void>)[] = [
  directCall,
  fileRead,
  refusedEscape,
  approvedWrite,
  rejectedWrite,
  teamWork,
  tightBudget,
  resumedStream,
  verifiedLog,
];

/** The offline model is free. With the price of a real one there is something to estimate, to spend and to refuse. */
const PRICED = { MODEL_PRICES: "offline=2.5/10" };

/** Walks through every chapter; throws at the first claim that does not hold. `env` are the server's settings. */
export const tour = (narrator: Narrator, env: Readonly<Record<string, string>> = {}): Promise<void> =>
  duringVisit(narrator, { ...PRICED, ...env }, async (visit) => {
    for (const chapter of CHAPTERS) await chapter(visit);
  });
