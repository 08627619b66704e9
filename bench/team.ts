// The team under measurement: a person whose messages without a target become plans of the shape they ask for, and the stub's
// account of the model calls that came of them.
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, sendJson } from "./load.ts";
import { bearer, field, newPerson, newSession, type Person, projectOf, text } from "./product.ts";
import type { StubCall } from "./stub-model.ts";

/** Longer than any plan here takes. */
const PATIENCE_MS = 240_000;

/** A person with a team, and where they talk to it. */
export interface Team {
  readonly url: string;
  readonly person: Person;
  readonly project: string;
  readonly session: string;
}

/** A team that runs plans of up to 200 steps, three at once; `asks`: each plan waits for its person. */
export async function newTeam(url: string, asks: boolean): Promise<Team> {
  const person = await newPerson(url, 1);
  const project = await projectOf(url, person);
  const rules = {
    max_parallel: 3,
    approval: { always: asks, over_cost_usd: 100_000, over_steps: 200, over_risk: "high" },
    limits: { max_steps: 200, max_depth: 50 },
  };
  await sendJson({
    method: "PUT",
    url: `${url}/my/projects/${project}/orchestrator`,
    headers: bearer(person.token),
    body: JSON.stringify(rules),
  });
  return { url, person, project, session: await newSession(url, person) };
}

/** Plans a request without running it. */
export const sketch = ({ url, person, project }: Team, content: string): Call => ({
  method: "POST",
  url: `${url}/my/projects/${project}/orchestrator/plan`,
  headers: bearer(person.token),
  body: JSON.stringify({ content }),
});

/** Says something to the team; the run's id. It does not wait for the answer. */
export async function askTeam({ url, person, session }: Team, content: string): Promise<string> {
  const posted = await sendJson({
    method: "POST",
    url: `${url}/my/chat/${session}/message`,
    headers: { ...bearer(person.token), prefer: "wait=0" },
    body: JSON.stringify({ content }),
  });
  return text(field(posted, "run"), "id");
}

/** Looks every so often until the run has ended, which must be well. */
export async function untilCompleted({ url, person }: Team, run: string, everyMs = 20): Promise<void> {
  await patiently(everyMs, async () => {
    const found = await sendJson({ method: "GET", url: `${url}/v1/runs/${run}`, headers: bearer(person.token) });
    const status = text(found, "status");
    if (status === "failed" || status === "cancelled") throw new Error(`The run ${status}: ${JSON.stringify(found)}`);
    return status === "completed" ? status : null;
  });
}

/** The open question about this run's plan. */
export async function openQuestion({ url, person }: Team, run: string): Promise<string> {
  return await patiently(10, async () => {
    const page = await sendJson({
      method: "GET",
      url: `${url}/my/approvals?status=pending&kind=plan`,
      headers: bearer(person.token),
    });
    const items: unknown = field(page, "items");
    const found = Array.isArray(items) ? items.find((item) => field(item, "run_id") === run) : undefined;
    return found === undefined ? null : text(found, "id");
  });
}

/** Says yes. */
export const confirm = ({ url, person }: Team, approval: string): Call => ({
  method: "POST",
  url: `${url}/my/approvals/${approval}/confirm`,
  headers: bearer(person.token),
  body: "{}",
});

/** The model's calls since it was last asked, in the order they came. */
export async function callsOf(modelUrl: string): Promise<StubCall[]> {
  const calls = await sendJson({ method: "GET", url: `${modelUrl}/calls` });
  if (!Array.isArray(calls)) throw new Error("The stub does not tell its calls.");
  return calls
    .map((call) => ({
      id: text(call, "id"),
      kind: text(call, "kind") === "plan" ? ("plan" as const) : ("text" as const),
      from: Number(field(call, "from")),
      to: Number(field(call, "to")),
    }))
    .sort((a, b) => a.from - b.from);
}

/** Now, on the clock the stub uses. */
export const instant = (): number => performance.timeOrigin + performance.now();

async function patiently<T>(everyMs: number, look: () => Promise<T | null>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > until) throw new Error("Nothing came of it in time.");
    await sleep(everyMs);
  }
}
