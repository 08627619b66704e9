// What to type so that the command line speaks with this very server, as this very account, for this very project.

/** The command line as it is typed in a clone of the repository. */
const AS_SCRIPT = "npm run -s retinue --";
const DEFAULT_URL = "http://localhost:8787";

/** What the commands depend on. */
export interface Here {
  readonly origin: string;
  readonly email: string | null;
  readonly projectId: string;
  readonly isDefaultProject: boolean;
}

/** Quotes a word for a shell where that is needed. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const serverPart = (origin: string): string => (origin === DEFAULT_URL ? "" : `RETINUE_URL=${shellWord(origin)} `);

/** The command that connects a folder; `retinue` is how the command line is called. */
export const connectText = (
  { origin, projectId, isDefaultProject }: Omit<Here, "email">,
  retinue: string,
  folder: string,
): string => {
  const project = isDefaultProject ? "" : `RETINUE_PROJECT=${shellWord(projectId)} `;
  return `${serverPart(origin)}${project}${retinue} connect ${folder}`;
};

/** The two commands: signing in once, then connecting a folder. */
export const connectCommands = ({ email, ...here }: Here) => ({
  login: `${serverPart(here.origin)}${AS_SCRIPT} login ${shellWord(email ?? "you@example.com")}`,
  connect: connectText(here, AS_SCRIPT, "./your/folder"),
});
