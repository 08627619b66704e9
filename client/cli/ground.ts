// What every command stands on: which server, whose credentials, which project, how to print. Read from the environment and
// the settings once, at the command's start.
import { isId, keyOf } from "#schema/ids.ts";
import { refresh } from "../sdk/accounts.ts";
import { ApiError } from "../sdk/api-error.ts";
import { fixedToken, SignedIn } from "../sdk/credentials.ts";
import { Http } from "../sdk/http.ts";
import { allPages } from "../sdk/pages.ts";
import { Retinue } from "../sdk/retinue.ts";
import { connectText } from "./connect-words.ts";
import { Failure, misuse } from "./failure.ts";
import { makePrinter, type Printer } from "./printer.ts";
import { homeOf, Settings } from "./settings.ts";

/** Options every command takes. */
export const COMMON = {
  json: { type: "boolean", description: "Print JSON: one document, or a line per event" },
} as const;

/** The option of commands that work in a project. */
export const PROJECT = {
  project: {
    type: "string",
    description: "Project id or name (default: RETINUE_PROJECT, `projects use`, your default project)",
    valueHint: "project",
  },
} as const;

/** A command's surroundings. */
export interface Ground {
  readonly url: string;
  readonly settings: Settings;
  readonly print: Printer;
  /** A client without credentials, for the open routes. */
  readonly open: Http;
  /** A client with the caller's credentials; fails when nobody is signed in. */
  api(): Promise<Retinue>;
  /** True when RETINUE_TOKEN is used and the settings' tokens are not. */
  readonly fixed: boolean;
}

const serverUrl = (env: NodeJS.ProcessEnv): string => {
  const text = env.RETINUE_URL || "http://localhost:8787";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw misuse(`RETINUE_URL must be an http or https address, not ${JSON.stringify(text)}`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
};

/** Prepares a command. */
export const standOn = (
  args: { readonly json?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Ground => {
  const url = serverUrl(env);
  const settings = new Settings(homeOf(env), url);
  const open = new Http({ url });
  const given = env.RETINUE_TOKEN?.trim() || null;
  // Never shown: what is wrong with it may be that it is somebody's secret with something behind it.
  if (given !== null && !/^[\x21-\x7e]+$/.test(given))
    throw misuse("RETINUE_TOKEN is not one token: there is a space, a line break or an odd character in it");
  const credentials =
    given === null ? new SignedIn(settings.tokens(), (token) => refresh(open, token)) : fixedToken(given);
  return {
    url,
    settings,
    print: makePrinter(args.json === true),
    open,
    fixed: given !== null,
    api: async () => {
      if ((await credentials.token()) === null)
        throw new Failure(
          `Not signed in to ${url}. Run \`retinue login\` or \`retinue register\`, or set RETINUE_TOKEN.`,
        );
      return new Retinue({ url, credentials });
    },
  };
};

/** Every project of the caller. */
export const allProjects = (api: Retinue) => allPages((cursor) => api.projects({ limit: 100, cursor }));

/** The id of a project given by id or name. */
export const findProject = async (api: Retinue, text: string): Promise<string> => {
  if (isId("project", text)) return text;
  const matching = (await allProjects(api)).filter((project) => project.name.toLowerCase() === text.toLowerCase());
  const [only] = matching;
  if (only === undefined) throw new Failure(`You have no project called ${JSON.stringify(text)}`);
  if (matching.length > 1)
    throw new Failure(
      `Several projects are called ${JSON.stringify(text)}; use an id: ${matching.map((project) => project.id).join(", ")}`,
    );
  return only.id;
};

/** The project a command works in. */
export const currentProject = async (
  ground: Ground,
  api: Retinue,
  args: { readonly project?: string | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> => {
  const named = args.project || env.RETINUE_PROJECT;
  if (named) return findProject(api, named);
  const chosen = (await ground.settings.read()).project;
  if (chosen !== undefined) return chosen;
  try {
    return (await api.me()).default_project_id;
  } catch (error) {
    // A capability is for one project and may not ask whose it is.
    if (error instanceof ApiError && error.code === "insufficient_scope")
      throw new Failure("With this RETINUE_TOKEN the project must be named: set RETINUE_PROJECT, or use --project");
    throw error;
  }
};

/** What to type in another shell to connect a folder of this project. */
export const howToConnect = async (ground: Ground, api: Retinue, projectId: string): Promise<string> => {
  const chosen = (await ground.settings.read()).project;
  // A capability may not ask whose it is: then the project is named.
  const own = chosen ?? (await api.me().catch(() => null))?.default_project_id;
  return connectText({ origin: ground.url, projectId, isDefaultProject: own === projectId }, "retinue", "<folder>");
};

/** The project a thing's id says it lives in: the current one if it fits, otherwise the one of the caller's that does. */
export const projectOfThing = async (
  ground: Ground,
  api: Retinue,
  id: string,
  args: { readonly project?: string | undefined },
): Promise<string> => {
  const current = await currentProject(ground, api, args);
  if (keyOf(current) === keyOf(id)) return current;
  return (await allProjects(api)).find((project) => keyOf(project.id) === keyOf(id))?.id ?? current;
};
