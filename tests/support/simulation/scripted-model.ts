// A model under the test's clock: it writes down what it is asked and answers what a script says, when the script says.
import type { ModelRoutes } from "#domain/models/candidates.ts";
import type {
  ChatModel,
  ModelCallOptions,
  ModelFailure,
  ModelReply,
  ModelRequest,
  OwnKey,
} from "#domain/models/port.ts";
import type { Result } from "#schema/result.ts";

/** What a call comes to, and after how long. */
export interface Scripted {
  readonly afterMs: number;
  readonly outcome: Result<Partial<ModelReply>, Partial<ModelFailure>>;
}

interface Out {
  readonly request: ModelRequest;
  readonly due: number;
  readonly answer: () => void;
}

/** A call as it was made. */
export interface Asked {
  readonly request: ModelRequest;
  readonly at: number;
  /** The caller's own key it was asked with. */
  readonly ownKey: OwnKey | null;
  /** What it cost; null while it is out, or when it was cut off. */
  costUsd: number | null;
}

export class ScriptedModel implements ChatModel {
  readonly asked: Asked[] = [];
  readonly routes: ModelRoutes | undefined;
  readonly #script: (request: ModelRequest) => Scripted;
  #out = new Set<Out>();

  constructor(script: (request: ModelRequest) => Scripted, routes?: ModelRoutes) {
    this.#script = script;
    this.routes = routes;
  }

  modelOf(): string {
    return "scripted";
  }

  complete(request: ModelRequest, options: ModelCallOptions): Promise<Result<ModelReply, ModelFailure>> {
    const now = Date.now();
    const asked: Asked = { request, at: now, costUsd: null, ownKey: options.ownKey ?? null };
    this.asked.push(asked);
    const { afterMs, outcome } = this.#script(request);
    return new Promise((resolve) => {
      const end = (result: Result<ModelReply, ModelFailure>): void => {
        this.#out.delete(call);
        asked.costUsd = result.ok ? (result.value.costUsd ?? 0) : null;
        resolve(result);
      };
      const call: Out = {
        request,
        due: now + Math.min(afterMs, options.timeoutMs),
        answer: () => {
          if (afterMs > options.timeoutMs) end(failed({ code: "timeout", message: "too slow", retryable: true }));
          else if (outcome.ok) {
            options.onDelta(outcome.value.text ?? "");
            end({ ok: true, value: { ...ANSWER, ...outcome.value } });
          } else end(failed(outcome.refusal));
        },
      };
      this.#out.add(call);
      options.signal.addEventListener("abort", () => end(failed({ code: "aborted", message: "stopped" })));
    });
  }

  /** How many calls are out. */
  get out(): number {
    return this.#out.size;
  }

  /** When the next answer comes, epoch ms; null when nothing was asked. */
  next(): number | null {
    return this.#out.size === 0 ? null : Math.min(...[...this.#out].map(({ due }) => due));
  }

  /** Everything that is due is answered. */
  answerDue(): void {
    for (const call of [...this.#out]) if (call.due <= Date.now()) call.answer();
  }

  /** Whoever asked is gone: no answer reaches anybody. */
  hangUp(): void {
    this.#out = new Set();
  }
}

const ANSWER: ModelReply = {
  model: "scripted",
  text: "done",
  toolCalls: [],
  finishReason: "stop",
  inputTokens: 100,
  outputTokens: 20,
  usageEstimated: false,
  costUsd: 0,
};

const failed = (failure: Partial<ModelFailure>): Result<never, ModelFailure> => ({
  ok: false,
  refusal: {
    code: "server_error",
    message: "it broke",
    model: "scripted",
    retryable: false,
    retryAfterMs: null,
    ...failure,
  },
});
