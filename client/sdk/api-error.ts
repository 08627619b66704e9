// What a call can end in besides an answer: the server's refusal (a problem document), or no answer at all.
import { Problem } from "#schema/api/common.ts";

/** The server said no; everything its problem document carries. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Stable machine-readable code, a row of the table of refusals. */
  readonly code: string;
  readonly detail: string | undefined;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string;
  readonly problem: Problem;
  /** From `Retry-After`, when the server said when to come back. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(problem.detail === undefined ? problem.title : `${problem.title}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came, or one that is not ours: the server is away, or something else listens there. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const retryAfter = (response: Response): number | null => {
  const value = response.headers.get("retry-after");
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
};

/** Turns a response that is not an answer into an ApiError, also when its body is no problem document. */
export const errorOf = async (response: Response): Promise<ApiError> => {
  const text = await response.text().catch(() => "");
  const after = retryAfter(response);
  try {
    const problem = Problem.safeParse(JSON.parse(text));
    if (problem.success) return new ApiError(problem.data, after);
  } catch {
    // not JSON: described by its status below
  }
  // A page of somebody between here and there explains nothing.
  const said = /^\s*</.test(text) ? "" : text.slice(0, 200);
  const problem = {
    type: "about:blank",
    title: `The server answered ${response.status} ${response.statusText}`.trim(),
    status: response.status,
    code: `http_${response.status}`,
    request_id: response.headers.get("x-request-id") ?? "",
    ...(said === "" ? {} : { detail: said }),
  };
  return new ApiError(problem, after);
};
