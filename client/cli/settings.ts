// What the CLI remembers between calls: per server its tokens, the project in use, and the last session of each project.
// One file, readable by its owner only, replaced as a whole; every change happens under a lock, because several CLI
// processes refresh at once. Tokens are kept by server address, so one server never sees another's.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { AuthTokens } from "#schema/api/accounts.ts";
import { withLock } from "../files/lock.ts";
import { makePrivateDirectory, writePrivateFile } from "../files/private-file.ts";
import type { TokenStore } from "../sdk/credentials.ts";
import { Failure } from "./failure.ts";

const ServerSettings = z.object({
  email: z.string().optional(),
  tokens: AuthTokens.optional(),
  project: z.string().optional(),
  sessions: z.record(z.string(), z.string()).optional(),
});
/** What is remembered of one server. */
export type ServerSettings = z.infer<typeof ServerSettings>;

const SettingsFile = z.object({ version: z.literal(1), servers: z.record(z.string(), ServerSettings) });
type SettingsFile = z.infer<typeof SettingsFile>;

/** Where settings and device state live. */
export const homeOf = (env: NodeJS.ProcessEnv): string =>
  resolve(env.RETINUE_HOME || join(homedir(), ".config", "retinue"));

/** The settings of one server. */
export class Settings {
  readonly home: string;
  readonly #url: string;
  readonly #path: string;

  constructor(home: string, url: string) {
    this.home = home;
    this.#url = url;
    this.#path = join(home, "config.json");
  }

  async read(): Promise<ServerSettings> {
    return (await this.#load()).servers[this.#url] ?? {};
  }

  /** Changes the settings; `work` sees the newest and runs alone. Returns what was kept. */
  async change(work: (current: ServerSettings) => ServerSettings | Promise<ServerSettings>): Promise<ServerSettings> {
    await makePrivateDirectory(this.home);
    return withLock(`${this.#path}.lock`, async () => {
      const file = await this.#load();
      const next = await work(file.servers[this.#url] ?? {});
      const whole: SettingsFile = { version: 1, servers: { ...file.servers, [this.#url]: next } };
      await writePrivateFile(this.#path, `${JSON.stringify(whole, null, 2)}\n`);
      return next;
    });
  }

  /** The tokens as the SDK wants to keep them. */
  tokens(): TokenStore {
    return {
      read: async () => (await this.read()).tokens ?? null,
      replace: async (work) => {
        const kept = await this.change(async ({ tokens, ...rest }) => {
          const next = await work(tokens ?? null);
          return next === null ? rest : { ...rest, tokens: next };
        });
        return kept.tokens ?? null;
      },
    };
  }

  async #load(): Promise<SettingsFile> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return { version: 1, servers: {} };
      throw error;
    }
    try {
      return SettingsFile.parse(JSON.parse(text));
    } catch {
      throw new Failure(`${this.#path} is not a settings file of this version; move it away and sign in again`);
    }
  }
}
