// The client: every call a user's program makes, typed by the contracts in schema/api. Each method is one request.
import type { z } from "zod";
import { Agent, AgentPage } from "#schema/api/agents.ts";
import { Approval, ApprovalPage } from "#schema/api/approvals.ts";
import { Budget, type UpdateBudgetBody } from "#schema/api/budget.ts";
import { ChatSession, ChatSessionPage, MessagePage, PostedMessage, type PostMessageBody } from "#schema/api/chat.ts";
import { Ok } from "#schema/api/common.ts";
import { EventPage, LogHead, LogVerification, StoredEvent } from "#schema/api/events.ts";
import { Orchestrator, type UpdateOrchestratorBody } from "#schema/api/orchestrator.ts";
import { Plan, RunPlan } from "#schema/api/plans.ts";
import { Project, ProjectPage, SpaceStatus } from "#schema/api/projects.ts";
import { Room } from "#schema/api/rooms.ts";
import { Run, ToolCallPage } from "#schema/api/runs.ts";
import {
  type CreateScheduleBody,
  Schedule,
  SchedulePage,
  StartedRun,
  type UpdateScheduleBody,
} from "#schema/api/schedules.ts";
import { type UsageGroup, UsageReport } from "#schema/api/usage.ts";
import type { LiveFrame } from "#schema/frames.ts";
import * as accounts from "./accounts.ts";
import { AgentContextCalls } from "./agent-context.ts";
import { Http, type HttpOptions } from "./http.ts";
import { type LiveOptions, live } from "./live.ts";
import { type OwnSecrets, secretHeaders } from "./own-secrets.ts";
import { type SseOptions, sse } from "./sse.ts";

/** Where in a list to go on, and how much to take. */
export interface PageOptions {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

const at = (path: string, ...ids: readonly string[]): string =>
  ids.reduce((whole, id) => whole.replace("{}", encodeURIComponent(id)), path);
const inProject = (projectId: string) => ({ headers: { "x-workspace-id": projectId } });

/** A signed-in client of one server. */
export class Retinue {
  readonly http: Http;

  constructor(options: HttpOptions) {
    this.http = new Http(options);
  }

  me() {
    return accounts.me(this.http);
  }
  logout() {
    return accounts.logout(this.http);
  }

  budget() {
    return this.http.call("GET", "/my/budget", Budget);
  }
  setBudget(changes: UpdateBudgetBody) {
    return this.http.call("PUT", "/my/budget", Budget, { body: changes });
  }

  projects(page: PageOptions = {}) {
    return this.http.call("GET", "/my/projects", ProjectPage, { query: { ...page } });
  }
  project(id: string) {
    return this.http.call("GET", at("/my/projects/{}", id), Project);
  }
  createProject(name: string, description = "") {
    return this.http.call("POST", "/my/projects", Project, { body: { name, description } });
  }
  deleteProject(id: string) {
    return this.http.call("DELETE", at("/my/projects/{}", id), Ok);
  }
  space(projectId: string) {
    return this.http.call("GET", at("/my/projects/{}/space", projectId), SpaceStatus);
  }

  agents(projectId: string, page: PageOptions = {}) {
    return this.http.call("GET", at("/my/projects/{}/agents", projectId), AgentPage, { query: { ...page } });
  }
  agent(id: string) {
    return this.http.call("GET", at("/my/agents/{}", id), Agent);
  }

  /** What an agent can look up. */
  context(agentId: string): AgentContextCalls {
    return new AgentContextCalls(this.http, agentId);
  }

  orchestrator(projectId: string) {
    return this.http.call("GET", at("/my/projects/{}/orchestrator", projectId), Orchestrator);
  }
  setOrchestrator(projectId: string, changes: UpdateOrchestratorBody) {
    return this.http.call("PUT", at("/my/projects/{}/orchestrator", projectId), Orchestrator, { body: changes });
  }
  /** What the team would do with a request. The planner is paid; nothing is run. */
  plan(projectId: string, content: string, secrets: OwnSecrets = {}) {
    return this.http.call("POST", at("/my/projects/{}/orchestrator/plan", projectId), Plan, {
      body: { content },
      headers: secretHeaders(secrets),
    });
  }

  sessions(projectId: string, page: PageOptions = {}) {
    return this.http.call("GET", "/my/chat", ChatSessionPage, { query: { project_id: projectId, ...page } });
  }
  createSession(projectId: string, title: string) {
    return this.http.call("POST", "/my/chat", ChatSession, { query: { project_id: projectId }, body: { title } });
  }
  session(id: string) {
    return this.http.call("GET", at("/my/chat/{}", id), ChatSession);
  }
  messages(sessionId: string, page: PageOptions = {}) {
    return this.http.call("GET", at("/my/chat/{}/messages", sessionId), MessagePage, { query: { ...page } });
  }
  /** Says something; `waitSeconds` is how long the server may hold the answer for the reply. */
  post(sessionId: string, body: PostMessageBody, waitSeconds = 0, secrets: OwnSecrets = {}) {
    return this.http.call("POST", at("/my/chat/{}/message", sessionId), PostedMessage, {
      body,
      headers: { prefer: `wait=${waitSeconds}`, ...secretHeaders(secrets) },
    });
  }

  /** A new session that continues from a point of this one's life. */
  fork(sessionId: string, fromSeq: number, title?: string) {
    return this.http.call("POST", at("/v1/rooms/{}/fork", sessionId), Room, {
      body: { from_seq: fromSeq, ...(title === undefined ? {} : { title }) },
    });
  }

  approvals(filter: PageOptions & { status?: string | undefined; project_id?: string | undefined } = {}) {
    return this.http.call("GET", "/my/approvals", ApprovalPage, { query: { ...filter } });
  }
  approval(id: string) {
    return this.http.call("GET", at("/my/approvals/{}", id), Approval);
  }
  /** Yes. `arguments_hash` binds it to what was seen; `arguments` approves something else instead. */
  confirm(id: string, body: { arguments?: Record<string, unknown>; arguments_hash?: string; note?: string } = {}) {
    return this.http.call("POST", at("/my/approvals/{}/confirm", id), Approval, { body });
  }
  reject(id: string, reason?: string) {
    return this.http.call("POST", at("/my/approvals/{}/reject", id), Approval, {
      body: reason === undefined ? {} : { reason },
    });
  }
  respond(id: string, content: string) {
    return this.http.call("POST", at("/my/approvals/{}/respond", id), Approval, { body: { content } });
  }

  schedules(filter: PageOptions & { project_id?: string | undefined } = {}) {
    return this.http.call("GET", "/my/schedules", SchedulePage, { query: { ...filter } });
  }
  createSchedule(body: z.input<typeof CreateScheduleBody>) {
    return this.http.call("POST", "/my/schedules", Schedule, { body });
  }
  changeSchedule(id: string, body: UpdateScheduleBody) {
    return this.http.call("PATCH", at("/my/schedules/{}", id), Schedule, { body });
  }
  deleteSchedule(id: string) {
    return this.http.call("DELETE", at("/my/schedules/{}", id), Ok);
  }
  /** Out of turn. */
  runSchedule(id: string) {
    return this.http.call("POST", at("/my/schedules/{}/run", id), StartedRun);
  }

  run(projectId: string, id: string) {
    return this.http.call("GET", at("/v1/runs/{}", id), Run, inProject(projectId));
  }
  /** What a team's run is doing: its plan, each step's state, expected and actual. */
  runPlan(projectId: string, id: string) {
    return this.http.call("GET", at("/v1/runs/{}/plan", id), RunPlan, inProject(projectId));
  }
  cancel(projectId: string, id: string, reason?: string) {
    return this.http.call("POST", at("/v1/runs/{}/cancel", id), Run, {
      ...inProject(projectId),
      body: reason === undefined ? {} : { reason },
    });
  }
  toolCalls(projectId: string, runId: string, page: PageOptions = {}) {
    return this.http.call("GET", at("/v1/runs/{}/toolcalls", runId), ToolCallPage, {
      ...inProject(projectId),
      query: { ...page },
    });
  }

  events(
    projectId: string,
    query: {
      from_seq?: number;
      limit?: number;
      cursor?: string | undefined;
      room_id?: string | undefined;
      run_id?: string | undefined;
      type?: string | undefined;
      principal?: string | undefined;
      correlation_id?: string | undefined;
      order?: "asc" | "desc";
    } = {},
  ) {
    return this.http.call("GET", "/v1/events", EventPage, { ...inProject(projectId), query });
  }
  head(projectId: string) {
    return this.http.call("GET", "/v1/events/head", LogHead, inProject(projectId));
  }
  /** Recomputes the chain; with `models` also replays the log and compares what it makes with what is stored. */
  verify(projectId: string, models = false) {
    return this.http.call("GET", "/v1/events/verify", LogVerification, {
      ...inProject(projectId),
      query: { models: String(models) },
    });
  }
  /** Takes the words out of an event, for good. */
  redact(projectId: string, eventId: string, reason: string) {
    return this.http.call("POST", at("/v1/events/{}/redact", eventId), StoredEvent, {
      ...inProject(projectId),
      body: { reason },
    });
  }

  usage(query: { days?: number; group?: UsageGroup; project_id?: string | undefined; agent_id?: string } = {}) {
    return this.http.call("GET", "/my/usage", UsageReport, { query });
  }

  /** Live events of a stream's path over a WebSocket; reconnects and resumes by itself. */
  live(path: string, options: LiveOptions = {}): AsyncGenerator<LiveFrame, void, void> {
    return live(this.http, path, options);
  }
  /** The same over server-sent events. */
  sse(path: string, options: SseOptions = {}): AsyncGenerator<LiveFrame, void, void> {
    return sse(this.http, path, options);
  }
}

/** Path of one session's live events. */
export const sessionStream = (sessionId: string): string => at("/my/chat/{}/events", sessionId);
/** Path of a whole project's live events. */
export const projectStream = (projectId: string): string => at("/my/projects/{}/events", projectId);
