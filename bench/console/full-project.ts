// A project somebody has worked in for long: ten thousand events of every usual kind, among them those of a plan of two hundred
// steps that was carried out.
import { runLoad } from "../load.ts";
import { directCall, headSeq, newSession, type Product } from "../product.ts";
import { askTeam, newTeam, type Team, untilCompleted } from "../team.ts";
import { planned } from "../written-plan.ts";

/** How much there is. */
export const EVENTS = 10_000;
export const STEPS = 200;
export const LANES = 14;
const CALLERS = 12;
/** A direct call leaves at least so many events. */
const LEAST_PER_CALL = 4;
const AT_MOST_SECONDS = 240;

/** The project, and where to look. */
export interface FullProject {
  readonly team: Team;
  /** The run of the plan. */
  readonly planned: string;
  /** The chat with a few answers in it. */
  readonly chat: string;
  /** A run of one answer in it. */
  readonly answered: string;
  readonly events: number;
}

/** Works in it until there is as much. */
export async function fillProject(product: Pick<Product, "url">): Promise<FullProject> {
  const team = await newTeam(product.url, false);
  const { url, person } = team;
  const agent = person.agents[0] ?? "";
  const plan = await askTeam(team, planned("console", STEPS, LANES));
  await untilCompleted(team, plan, 200);
  const long = await newSession(url, person);
  for (;;) {
    const missing = EVENTS - (await headSeq(url, person));
    if (missing <= 0) break;
    const options = {
      callers: Math.min(CALLERS, missing),
      calls: Math.ceil(missing / (2 * LEAST_PER_CALL)),
      seconds: AT_MOST_SECONDS,
    };
    const { answers } = await runLoad(options, (_, id) => directCall(url, person, long, agent, id));
    const refused = answers.find(({ answer }) => answer.status !== 200);
    if (refused !== undefined || answers.length === 0)
      throw new Error(`The project could not be filled: ${refused?.answer.text.slice(0, 300) ?? "no call was made"}`);
  }
  const chat = await newSession(url, person);
  let answered = "";
  for (const id of ["look-1", "look-2", "look-3", "look-4"]) {
    const { answers } = await runLoad({ callers: 1, calls: 1, seconds: 30 }, () =>
      directCall(url, person, chat, agent, id),
    );
    answered = /"id":"(run_\w+)"/.exec(answers[0]?.answer.text ?? "")?.[1] ?? answered;
  }
  return { team, planned: plan, chat, answered, events: await headSeq(url, person) };
}
