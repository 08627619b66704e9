// The product under measurement: the real server, talked to as any client talks to it. Limits on requests are off, since
// the bench is one address with many hands.
import { type Server, startServer } from "../scripts/server-process.ts";
import { type Call, sendJson } from "./load.ts";

/** Everybody's. */
export const PASSWORD = "correct horse battery";

/** A running product. */
export interface Product {
  readonly url: string;
  stop(): Promise<void>;
}

/** A person with a project, and agents that may work on 16 turns at once each. */
export interface Person {
  readonly email: string;
  readonly token: string;
  readonly agents: readonly string[];
}

/** Starts the server against a model, with these settings besides. */
export async function startProduct(modelUrl: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  return startServer({
    env: {
      OPENAI_BASE_URL: `${modelUrl}/v1`,
      OPENAI_API_KEY: "sk-bench",
      MODELS: "stub",
      // Every call is to be a call.
      MODEL_CACHE_TTL_SECONDS: "0",
      RATE_LIMIT_PER_MINUTE: "0",
      AUTH_RATE_LIMIT_PER_MINUTE: "100000",
      ...settings,
    },
  });
}

/** Registers somebody new, with as many agents. */
export async function newPerson(url: string, agents: number): Promise<Person> {
  const email = `bench-${Math.random().toString(36).slice(2)}@example.com`;
  const tokens = await sendJson({
    method: "POST",
    url: `${url}/api/v1/auth/register`,
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const token = text(tokens, "access_token");
  const names: string[] = [];
  for (let index = 0; index < agents; index++) {
    const name = `Bench${index}`;
    const body = {
      name,
      system_prompt: "You answer briefly.",
      model: { tier: "fast" },
      tools: [],
      concurrency_limit: 16,
    };
    await sendJson({ method: "POST", url: `${url}/my/agents`, headers: bearer(token), body: JSON.stringify(body) });
    names.push(name);
  }
  return { email, token, agents: names };
}

/** Opens a session and gives its id. */
export async function newSession(url: string, person: Person): Promise<string> {
  return text(
    await sendJson({
      method: "POST",
      url: `${url}/my/chat`,
      headers: bearer(person.token),
      body: JSON.stringify({ title: "Bench" }),
    }),
    "id",
  );
}

/** A direct call that waits for its answer; the id is for the model to recognise. */
export function directCall(url: string, person: Person, session: string, agent: string, id: string): Call {
  return {
    method: "POST",
    url: `${url}/my/chat/${session}/message`,
    headers: { ...bearer(person.token), prefer: "wait=25" },
    body: JSON.stringify({ content: `[[${id}]] Say something short.`, target_agent: agent }),
  };
}

/** A small change that appends one event to the session's stream. */
export function rename(url: string, person: Person, session: string, title: string): Call {
  return {
    method: "PATCH",
    url: `${url}/my/chat/${session}`,
    headers: bearer(person.token),
    body: JSON.stringify({ title }),
  };
}

/** Asks for a run that an outside engine is to execute. */
export function requestRun(url: string, person: Person, session: string): Call {
  return {
    method: "POST",
    url: `${url}/v1/runs`,
    headers: bearer(person.token),
    body: JSON.stringify({ room_id: session, title: "Bench" }),
  };
}

/** An engine takes the oldest run that waits. */
export function claimRun(url: string, person: Person, engine: string): Call {
  return {
    method: "POST",
    url: `${url}/v1/runs/claim`,
    headers: bearer(person.token),
    body: JSON.stringify({ engine, ttl_seconds: 600 }),
  };
}

/** Sequence number of the newest event of the person's space. */
export async function headSeq(url: string, person: Person): Promise<number> {
  const head = await sendJson({ method: "GET", url: `${url}/v1/events/head`, headers: bearer(person.token) });
  if (typeof head !== "object" || head === null || !("seq" in head)) throw new Error("The head has no seq.");
  return Number(head.seq);
}

/** The id of the person's only project. */
export async function projectOf(url: string, person: Person): Promise<string> {
  const page = await sendJson({ method: "GET", url: `${url}/my/projects`, headers: bearer(person.token) });
  const items: unknown = field(page, "items");
  const id = field(Array.isArray(items) ? items[0] : undefined, "id");
  if (typeof id !== "string") throw new Error("The person has no project.");
  return id;
}

/** Rows a space has written since it was started. */
export async function rowsWritten(url: string, person: Person, project: string): Promise<number> {
  const call = { method: "GET", url: `${url}/my/projects/${project}/space`, headers: bearer(person.token) } as const;
  const rows = field(await sendJson(call), "rows_written");
  if (typeof rows !== "number") throw new Error("The space does not say how many rows it wrote.");
  return rows;
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A field of an answer, whatever it is. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** A field of an answer that has to be text. */
export function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string") throw new Error(`The answer has no ${name}.`);
  return found;
}
