// What `npm start` says once it serves: where it is, what to type next, and which model answers. It names no secret.
import { chosenServer, DEFAULT_MODELS } from "../../adapters/models/chosen-server.ts";
import type { Settings } from "./settings.ts";

/** The greeting of a server that serves. */
export function greeting(url: string, settings: Settings, seconds: number): string {
  const at = url === "http://127.0.0.1:8787" ? "" : `RETINUE_URL=${url} `;
  return `
Retinue is at ${url}  (${seconds.toFixed(1)} s; state in ${settings.stateDir})

In another shell:
  ${at}npm run -s retinue -- register you@example.com      an account, its first project and four agents
  ${at}npm run -s retinue -- connect ./some/folder         lets the agents work in that folder
  ${at}npm run -s retinue -- chat "@CodeAssistant what is in this folder?"

API documentation: ${url}/my/docs   ·   model: ${whoAnswers(settings.vars)}
Ctrl-C stops it.
`;
}

/** The model that these variables choose, in words. */
export function whoAnswers(vars: Settings["vars"]): string {
  const server = chosenServer(vars.OPENAI_BASE_URL ?? null, vars.OPENAI_API_KEY ?? null);
  if (server === null) return "the offline model (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)";
  const address = URL.parse(server);
  if (address === null || !/^https?:$/.test(address.protocol)) return "none, OPENAI_BASE_URL is not an http(s) address";
  // Somebody may have written a password or a key into the address.
  return `${address.origin}${address.pathname} (${vars.MODELS ?? DEFAULT_MODELS})`;
}
