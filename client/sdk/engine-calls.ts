// What an outside engine says to a server, typed by the contracts: claims, leases, and the work done under them.
import type { z } from "zod";
import { Claim, type CompleteRunBody, type FailRunBody, Heartbeat, Step } from "#schema/api/engines.ts";
import { Artifact, Run, ToolCall } from "#schema/api/runs.ts";
import type { Http } from "./http.ts";

/** A run as an engine holds it. */
export interface HeldLease {
  readonly runId: string;
  readonly token: string;
  readonly fence: number;
}

type Without<S extends z.ZodType> = Omit<z.input<S>, "lease_token" | "fence">;

const underLease = ({ token, fence }: HeldLease) => ({ lease_token: token, fence });
const at = (id: string): string => encodeURIComponent(id);

/** The engine's side of one server. */
export class EngineCalls {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Asks for a run in a room. */
  request(roomId: string, title: string, input: Readonly<Record<string, unknown>> = {}) {
    return this.#http.call("POST", "/v1/runs", Run, { body: { room_id: roomId, title, input } });
  }
  /** The oldest run of the project that waits, or none. */
  claim(projectId: string, engine: string, ttlSeconds: number) {
    return this.#http.call("POST", "/v1/runs/claim", Claim, {
      headers: { "x-workspace-id": projectId },
      body: { engine, ttl_seconds: ttlSeconds },
    });
  }
  heartbeat({ runId, token, fence }: HeldLease, ttlSeconds: number) {
    return this.#http.call("POST", `/v1/runs/${at(runId)}/lease/heartbeat`, Heartbeat, {
      body: { token, fence, ttl_seconds: ttlSeconds },
    });
  }
  release({ runId, token, fence }: HeldLease, reason: string) {
    return this.#http.call("POST", `/v1/runs/${at(runId)}/lease/release`, Run, { body: { token, fence, reason } });
  }
  start(lease: HeldLease) {
    return this.#http.call("POST", `/v1/runs/${at(lease.runId)}/start`, Run, { body: underLease(lease) });
  }
  complete(lease: HeldLease, outcome: Without<typeof CompleteRunBody>) {
    return this.#http.call("POST", `/v1/runs/${at(lease.runId)}/complete`, Run, {
      body: { ...underLease(lease), ...outcome },
    });
  }
  fail(lease: HeldLease, outcome: Without<typeof FailRunBody>) {
    return this.#http.call("POST", `/v1/runs/${at(lease.runId)}/fail`, Run, {
      body: { ...underLease(lease), ...outcome },
    });
  }

  addStep(lease: HeldLease, title: string, dependsOn: readonly string[] = []) {
    return this.#http.call("POST", `/v1/runs/${at(lease.runId)}/steps`, Step, {
      body: { ...underLease(lease), title, depends_on: dependsOn },
    });
  }
  completeStep(lease: HeldLease, stepId: string, output?: string) {
    return this.#http.call("POST", `/v1/steps/${at(stepId)}/complete`, Step, {
      body: { ...underLease(lease), ...(output === undefined ? {} : { output }) },
    });
  }
  /** Asks to make a tool call; its status says whether it may be made, or that a person is asked. */
  requestCall(lease: HeldLease, stepId: string, tool: string, args: Readonly<Record<string, unknown>>) {
    return this.#http.call("POST", `/v1/steps/${at(stepId)}/toolcalls`, ToolCall, {
      body: { ...underLease(lease), tool, arguments: args },
    });
  }
  call(callId: string) {
    return this.#http.call("GET", `/v1/toolcalls/${at(callId)}`, ToolCall);
  }
  succeedCall(lease: HeldLease, callId: string, result: unknown) {
    return this.#http.call("POST", `/v1/toolcalls/${at(callId)}/succeed`, ToolCall, {
      body: { ...underLease(lease), result },
    });
  }
  failCall(lease: HeldLease, callId: string, error: { readonly code: string; readonly message: string }) {
    return this.#http.call("POST", `/v1/toolcalls/${at(callId)}/fail`, ToolCall, {
      body: { ...underLease(lease), error },
    });
  }
  keep(lease: HeldLease, stepId: string, output: { kind: "text" | "json" | "uri"; name: string; content: string }) {
    return this.#http.call("POST", `/v1/steps/${at(stepId)}/artifacts`, Artifact, {
      body: { ...underLease(lease), ...output },
    });
  }
}
