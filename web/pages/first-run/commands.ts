// What to type so that the command line speaks with this very server, as this very account, for this very project.

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

/** The two commands: signing in once, then connecting a folder. */
export const connectCommands = ({ origin, email, projectId, isDefaultProject }: Here) => {
  const server = origin === DEFAULT_URL ? "" : `RETINUE_URL=${shellWord(origin)} `;
  const project = isDefaultProject ? "" : `RETINUE_PROJECT=${shellWord(projectId)} `;
  return {
    login: `${server}npm run -s retinue -- login ${shellWord(email ?? "you@example.com")}`,
    connect: `${server}${project}npm run -s retinue -- connect ./your/folder`,
  };
};
