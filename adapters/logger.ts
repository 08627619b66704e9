// The one sink of the server's log: JSON lines. Only the fields named here are written, each cut short, and anything that
// looks like a credential is blanked, so a secret cannot be logged even by mistake.

/** Everything a log line may say besides its event and level. */
export interface LogFields {
  readonly request_id?: string;
  readonly method?: string;
  /** The route's pattern, never the filled-in path or a query. */
  readonly route?: string;
  readonly status?: number;
  readonly code?: string;
  readonly duration_ms?: number;
  readonly user_id?: string;
  readonly project_id?: string;
  readonly agent_id?: string;
  readonly run_id?: string;
  readonly project_key?: string;
  readonly schedule_id?: string;
  readonly job?: string;
  readonly attempts?: number;
  readonly count?: number;
  readonly seq?: number;
  readonly error_name?: string;
  readonly error_message?: string;
  readonly stack?: string;
}

const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  "request_id",
  "method",
  "route",
  "status",
  "code",
  "duration_ms",
  "user_id",
  "project_id",
  "agent_id",
  "run_id",
  "project_key",
  "schedule_id",
  "job",
  "attempts",
  "count",
  "seq",
  "error_name",
  "error_message",
  "stack",
]);

const CREDENTIAL =
  /\beyJ[\w-]+\.[\w-]*\.?[\w-]*|\b(?:rtk|rrt)_[\w-]+|\bsk-[\w-]{8,}|\bBearer\s+\S+|[\w.+-]+@[\w-]+\.[\w.-]+/gi;
const MAX_LENGTH = 600;

export type LogLevel = "info" | "warn" | "error";

/** Writes log lines. */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A line as it is written: allowed fields only, shortened, credentials and e-mail addresses blanked. */
export const logLine = (level: LogLevel, event: string, fields: LogFields, at: string): string => {
  const kept = Object.entries(fields)
    .filter(([name]) => ALLOWED.has(name))
    .map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(CREDENTIAL, "[hidden]").slice(0, MAX_LENGTH) : value,
    ]);
  return JSON.stringify({ at, level, event, ...Object.fromEntries(kept) });
};

/** What a thrown thing may tell the log. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error
    ? {
        error_name: error.name,
        error_message: error.message,
        ...(error.stack === undefined ? {} : { stack: error.stack }),
      }
    : { error_name: typeof error, error_message: String(error) };

/** A logger over a sink; by default the console, which Workers keeps as its log. */
export const logger = (sink: (line: string, level: LogLevel) => void = toConsole): Logger => {
  const write =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      sink(logLine(level, event, fields, new Date().toISOString()), level);
  return { info: write("info"), warn: write("warn"), error: write("error") };
};

const toConsole = (line: string, level: LogLevel): void => {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
};
