// Somebody with a project they work in, made through the product's own doors: an account, a folder that the command line has
// connected, chats, plans, questions that wait, and something in every place the console has.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keys } from "#client/sdk/accounts.ts";
import { changeAgent } from "#client/sdk/agents.ts";
import { openIncident, resolveIncident } from "#client/sdk/incidents.ts";
import { MemoryCalls } from "#client/sdk/memory.ts";
import { grantCapability } from "#client/sdk/policy.ts";
import type { Approval } from "#schema/api/approvals.ts";
import { Shell } from "#tests/support/shell.ts";
import { type Account, signUp } from "../demo/sign-up.ts";
import { LONGER_NOTES, makeTideTable, NOTES, READING } from "./tide-table.ts";

/** What the server of a household needs; a price, so that there is something to plan with. */
export const HOUSEHOLD_SERVER = {
  RATE_LIMIT_PER_MINUTE: "0",
  MODEL_PRICES: "offline=2.5/10",
  // Its questions wait as long as they are looked at.
  APPROVAL_TIMEOUT_SECONDS: "600",
};

const PASSWORD = "correct horse battery";
const PATIENCE_MS = 60_000;
const TEAMWORK =
  "Let the Architect describe README.md, have CodeAssistant explain src/moon.ts, then let DataAnalyst compare what both say about high water";
const MORE_TEAMWORK =
  "Let the Architect describe README.md, have CodeAssistant explain src/moon.ts, have DataAnalyst read docs/harbours.md, then let the Architect compare what they say about high water, then have CodeAssistant write REPORT.md with what came of it";

/** Where everything is. */
export interface Household {
  readonly account: Account;
  readonly agentId: string;
  /** Chats: questions about the folder; a team's finished work; a write that waits. */
  readonly chats: { readonly asked: string; readonly team: string; readonly waiting: string };
  /** Runs of the team: one that is done, one whose plan waits for a yes. */
  readonly plans: { readonly done: string; readonly waiting: string };
  close(): void;
}

/** Moves in. */
export async function settleIn(url: string, email: string): Promise<Household> {
  const place = mkdtempSync(join(tmpdir(), "retinue-household-"));
  const shell = new Shell(url, { RETINUE_PASSWORD: PASSWORD });
  const close = () => {
    shell.close();
    rmSync(place, { recursive: true, force: true });
  };
  try {
    const account = await signUp(url, email, PASSWORD);
    const signedIn = await shell.run("login", email);
    if (signedIn.code !== 0) throw new Error(`The command line could not sign in: ${signedIn.err}`);
    const device = shell.start("connect", makeTideTable(place), "--name", "study");
    await device.until("the connection", ({ err, out }) => `${out}${err}`.includes("connected"));
    const agentId = await prepare(account);
    const asked = await askAround(account);
    const team = await workAsATeam(account);
    const waiting = await leaveQuestions(account);
    await arrange(account);
    return {
      account,
      agentId,
      chats: { asked, team: team.chat, waiting: waiting.chat },
      plans: { done: team.run, waiting: waiting.run },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Gives the Architect something to read, and a second version. */
async function prepare({ api, projectId }: Account): Promise<string> {
  const { items } = await api.agents(projectId);
  const agent = items.find(({ name }) => name === "Architect");
  if (agent === undefined) throw new Error("There is no Architect.");
  for (const [title, content] of Object.entries(READING))
    await api.context(agent.id).addDocument({ title, content, media_type: "text/markdown" });
  const description = "Thinks about structure before anything is built; knows the harbours";
  await changeAgent(api.http, agent.id, { description, concurrency_limit: 4, if_version: agent.version });
  return agent.id;
}

/** Asks about the folder and about what was read; the chat. */
async function askAround({ api, projectId }: Account): Promise<string> {
  const { id } = await api.createSession(projectId, "How exact is the table?");
  for (const content of [
    "@CodeAssistant what does package.json say this project is?",
    "@CodeAssistant remember that my home harbour is Port Isaac",
    "@Architect how late may a computed time be behind a long estuary?",
  ])
    await answered(api, id, content);
  return id;
}

/** Has the team carry out a plan; the chat and the run. */
async function workAsATeam({ api, projectId }: Account): Promise<{ readonly chat: string; readonly run: string }> {
  const { id } = await api.createSession(projectId, "What both say about high water");
  const { run } = await api.post(id, { content: TEAMWORK });
  await confirm(api, await question(api, run.id));
  await ended(api, projectId, run.id);
  return { chat: id, run: run.id };
}

/** Has a file written, asks for a change to it, and for a plan; neither is answered. */
async function leaveQuestions({ api, projectId }: Account): Promise<{ readonly chat: string; readonly run: string }> {
  const { id } = await api.createSession(projectId, "Notes on the tides");
  const first = await api.post(id, { content: `@CodeAssistant write NOTES.md with "${NOTES}"` });
  await confirm(api, await question(api, first.run.id));
  await ended(api, projectId, first.run.id);
  const second = await api.post(id, { content: `@CodeAssistant write NOTES.md with "${LONGER_NOTES}"` });
  await question(api, second.run.id);
  const planning = await api.createSession(projectId, "A report for the harbour master");
  const planned = await api.post(planning.id, { content: MORE_TEAMWORK });
  await question(api, planned.run.id);
  return { chat: id, run: planned.run.id };
}

/** Something in every other place: schedules, incidents, memory, keys, a budget. */
async function arrange({ api, projectId }: Account): Promise<void> {
  for (const [name, cron, message, agent] of [
    ["Morning tides", "0 6 * * *", "read README.md and say when high water is", "CodeAssistant"],
    [
      "Weekly review",
      "0 9 * * MON",
      "Let the Architect describe README.md, then let DataAnalyst list the files",
      undefined,
    ],
    ["Harbour list", "30 17 * * FRI", "list the files in docs", "DataAnalyst"],
  ] as const)
    await api.createSchedule({ name, cron, time_zone: "Europe/London", message, agent, project_id: projectId });
  const night = await openIncident(api.http, projectId, {
    title: "The printed table of Dover is missing",
    severity: "low",
    details: "The weekly review found no table to compare with.",
  });
  await resolveIncident(api.http, night.id, "The harbour office sent it again.");
  await openIncident(api.http, projectId, {
    title: "Times for Whitby are twenty minutes late",
    severity: "medium",
    details: "Compared with the printed table of the last week.",
  });
  const memory = new MemoryCalls(api.http);
  await memory.setCore("name", "Ada");
  await memory.setCore("units", "metres, and local time");
  await keys.create(api.http, { name: "harbour display", scopes: ["read"] });
  await grantCapability(api.http, projectId, {
    name: "print service",
    principal: "service:printer",
    scopes: ["engine"],
    ttl_seconds: 86_400,
  });
  await api.setBudget({ monthly_budget_usd: 20 });
  // What was spent is counted by the way, some seconds later.
  await patiently("the usage", async () => ((await api.usage({ days: 1 })).total.calls > 0 ? true : null));
}

/** Says it and waits for the answer. */
async function answered(api: Account["api"], chat: string, content: string): Promise<void> {
  const { run } = await api.post(chat, { content }, 25);
  if (run.status !== "completed") throw new Error(`${content}: the run is ${run.status}`);
}

/** The question a run asks. */
const question = (api: Account["api"], runId: string): Promise<Approval> =>
  patiently("the question", async () => {
    const { items } = await api.approvals({ status: "pending" });
    return items.find(({ run_id }) => run_id === runId) ?? null;
  });

const confirm = (api: Account["api"], { id, arguments_hash }: Approval) => api.confirm(id, { arguments_hash });

const ended = (api: Account["api"], projectId: string, runId: string): Promise<true> =>
  patiently("the run", async () => {
    const { status, error } = await api.run(projectId, runId);
    if (status === "failed" || status === "cancelled") throw new Error(`The run ${status}: ${JSON.stringify(error)}`);
    return status === "completed" ? true : null;
  });

async function patiently<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(100)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`Nothing was seen of ${what} in time.`);
}
