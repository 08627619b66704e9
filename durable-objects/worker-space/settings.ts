// What a space is configured with, parsed once from the environment by the object's constructor.
import { z } from "zod";

const seconds = (fallback: number, max: number) => z.coerce.number().positive().max(max).default(fallback);

const Settings = z.object({
  APPROVAL_TIMEOUT_SECONDS: seconds(300, 86_400),
  DEVICE_TIMEOUT_SECONDS: seconds(60, 86_400),
  MODEL_TIMEOUT_SECONDS: seconds(120, 3_600),
  HISTORY_TOKEN_BUDGET: z.coerce.number().int().min(0).max(1_000_000).default(8_000),
  OPENAI_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  MODELS: z.string().optional(),
});

/** A space's settings; times in ms. */
export interface SpaceSettings {
  readonly approvalTimeoutMs: number;
  readonly deviceTimeoutMs: number;
  readonly modelTimeoutMs: number;
  readonly historyTokens: number;
  readonly model: { readonly baseUrl: string | null; readonly apiKey: string | null; readonly models: string | null };
}

const emptyAsAbsent = (env: Cloudflare.Env): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(Settings.shape).map((key) => [key, Reflect.get(env, key) === "" ? undefined : Reflect.get(env, key)]),
  );

/** Parses the settings; a value that does not fit is a defect of the installation and throws. */
export const spaceSettings = (env: Cloudflare.Env): SpaceSettings => {
  const parsed = Settings.parse(emptyAsAbsent(env));
  return {
    approvalTimeoutMs: parsed.APPROVAL_TIMEOUT_SECONDS * 1000,
    deviceTimeoutMs: parsed.DEVICE_TIMEOUT_SECONDS * 1000,
    modelTimeoutMs: parsed.MODEL_TIMEOUT_SECONDS * 1000,
    historyTokens: parsed.HISTORY_TOKEN_BUDGET,
    model: {
      baseUrl: parsed.OPENAI_BASE_URL ?? null,
      apiKey: parsed.OPENAI_API_KEY ?? null,
      models: parsed.MODELS ?? null,
    },
  };
};
