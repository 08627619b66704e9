// The environment's strings, parsed once into grouped values. A bad value is a refusal that names the variable and what is
// wrong with it, never the value: it may be a secret.
import { z } from "zod";
import { type QdrantSettings, readQdrantSettings } from "#adapters/context/settings.ts";
import { ASYMMETRIC_ALGORITHMS, type TokenSettings } from "#adapters/jwt.ts";
import { ok, type Result, refuse } from "#schema/result.ts";

const Secret = z
  .string()
  .regex(/^[\w-]+=*$/, "must be base64url")
  .transform((text) => new Uint8Array(Buffer.from(text, "base64url")))
  .refine((bytes) => bytes.length >= 32, "must be 32 bytes or more");

const AuthKeys = z
  .array(z.object({ kid: z.string().min(1).max(64), secret: Secret }))
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "every kid must be different")
  .transform(([first, ...rest], context) => {
    if (first !== undefined) return [first, ...rest] as const;
    context.addIssue("must hold at least one key");
    return z.NEVER;
  });

const isSafeUrl = (text: string): boolean =>
  /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(text);

const ExternalIssuers = z.array(
  z
    .object({
      issuer: z.string().min(1),
      audience: z.string().min(1),
      jwks_url: z.url().refine(isSafeUrl, "must be https"),
      algorithms: z.array(z.enum(ASYMMETRIC_ALGORITHMS)).min(1).default(["RS256", "ES256"]),
      typ: z.string().min(1).default("at+jwt"),
    })
    .transform(({ jwks_url, ...rest }) => ({ ...rest, jwksUrl: jwks_url })),
);

/** Where the outside reaches this installation: an address whose paths are ours. */
const PublicUrl = z
  .url()
  .transform((text) => text.replace(/\/+$/, ""))
  .refine((text) => isSafeUrl(`${text}/`) && !/[?#]/.test(text), "must be an https address without query");

const parsedJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("must be JSON");
    return z.NEVER;
  }
});

/** An empty variable counts as absent. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const count = z.coerce.number().int("must be a whole number").min(0, "must not be negative").max(1_000_000);

const Environment = z
  .object({
    AUTH_KEYS: z.preprocess(
      (value) => (value === "" ? undefined : value),
      z
        .string("is required: a JSON list of {kid, secret}, secret being 32 random bytes in base64url")
        .pipe(parsedJson)
        .pipe(AuthKeys),
    ),
    AUTH_ISSUER: optional(z.string()),
    AUTH_AUDIENCE: optional(z.string()),
    AUTH_EXTERNAL_ISSUERS: optional(parsedJson.pipe(ExternalIssuers)),
    RATE_LIMIT_PER_MINUTE: optional(count),
    AUTH_RATE_LIMIT_PER_MINUTE: optional(count),
    UPSTASH_REDIS_REST_URL: optional(z.url()),
    UPSTASH_REDIS_REST_TOKEN: optional(z.string()),
    PUBLIC_URL: optional(PublicUrl),
    QSTASH_URL: optional(z.url()),
    QSTASH_TOKEN: optional(z.string()),
    QSTASH_CURRENT_SIGNING_KEY: optional(z.string()),
    QSTASH_NEXT_SIGNING_KEY: optional(z.string()),
  })
  .refine((env) => (env.UPSTASH_REDIS_REST_URL === undefined) === (env.UPSTASH_REDIS_REST_TOKEN === undefined), {
    path: ["UPSTASH_REDIS_REST_TOKEN"],
    message: "and UPSTASH_REDIS_REST_URL must be set together",
  })
  .superRefine((env, context) => {
    // A token without the keys would send for callbacks nobody could prove; keys without a token would wait for none.
    const named = ["QSTASH_TOKEN", "QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY"] as const;
    if (named.every((name) => env[name] === undefined)) return;
    for (const name of [...named, "PUBLIC_URL"] as const) {
      if (env[name] !== undefined) continue;
      context.addIssue({ code: "custom", path: [name], message: "is needed where QStash is configured" });
    }
  });

/** The installation's settings, as far as the doors need them. */
export interface Config {
  readonly auth: TokenSettings;
  readonly limits: {
    /** Overrides every per-user limit; 0: none; null: the limits of the house. */
    readonly perMinute: number | null;
    readonly signInPerMinute: number;
  };
  /** Null: the embedded hands. */
  readonly upstash: { readonly url: string; readonly token: string } | null;
  /** Null: schedules are kept by the spaces' own alarms. */
  readonly qstash: QstashSettings | null;
  /** Null: contexts are kept by our own objects. */
  readonly qdrant: QdrantSettings | null;
}

/** The outside clock, and how its callbacks are proven. */
export interface QstashSettings {
  readonly baseUrl: string;
  readonly token: string;
  readonly currentKey: string;
  readonly nextKey: string;
  /** Our door, exactly as it is signed. */
  readonly callbackUrl: string;
}

/** What every door stands under; `run_worker_first` of wrangler.toml names the same. */
export const DOORS = ["/my", "/v1", "/api"] as const;

/** Where QStash calls. */
export const CALLBACK_PATH = "/v1/callbacks/qstash";
const QSTASH_URL = "https://qstash.upstash.io";

const qstashOf = (env: z.infer<typeof Environment>): QstashSettings | null => {
  const { PUBLIC_URL, QSTASH_TOKEN: token, QSTASH_CURRENT_SIGNING_KEY: currentKey } = env;
  const { QSTASH_NEXT_SIGNING_KEY: nextKey } = env;
  if (PUBLIC_URL === undefined || token === undefined || currentKey === undefined || nextKey === undefined) return null;
  const callbackUrl = `${PUBLIC_URL}${CALLBACK_PATH}`;
  return { baseUrl: env.QSTASH_URL ?? QSTASH_URL, token, currentKey, nextKey, callbackUrl };
};

const SIGN_IN_PER_MINUTE = 10;

/** Parses the environment, or says what is wrong with it. */
export const readConfig = (env: Readonly<Record<string, unknown>>): Result<Config> => {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    return refuse("not_configured", problems.join("; "));
  }
  const qdrant = readQdrantSettings(env);
  if (!qdrant.ok) return qdrant;
  const { data } = parsed;
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = data;
  return ok({
    auth: {
      keys: data.AUTH_KEYS,
      issuer: data.AUTH_ISSUER ?? "retinue",
      audience: data.AUTH_AUDIENCE ?? "retinue-api",
      externals: data.AUTH_EXTERNAL_ISSUERS ?? [],
    },
    limits: {
      perMinute: data.RATE_LIMIT_PER_MINUTE ?? null,
      signInPerMinute: data.AUTH_RATE_LIMIT_PER_MINUTE ?? SIGN_IN_PER_MINUTE,
    },
    upstash: url === undefined || token === undefined ? null : { url, token },
    qstash: qstashOf(data),
    qdrant: qdrant.value,
  });
};
