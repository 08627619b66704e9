// What `npm start` says once it serves: where it is, what to type next, and which model answers. It names no secret.

import { NAMED_TIERS } from "../../adapters/models/model-map.ts";
import { readModelSettings } from "../../adapters/models/model-settings.ts";
import type { Settings } from "./settings.ts";

/** The greeting of a server that serves. */
export function greeting(url: string, settings: Settings, seconds: number): string {
  const at = url === "http://127.0.0.1:8787" ? "" : `RETINUE_URL=${url} `;
  return `
Retinue is at ${url}  (${seconds.toFixed(1)} s; state in ${settings.stateDir})

In a browser, the address above is the console. Or in another shell:
  ${at}npm run -s retinue -- register you@example.com      an account, its first project and four agents
  ${at}npm run -s retinue -- connect ./some/folder         lets the agents work in that folder
  ${at}npm run -s retinue -- chat "@CodeAssistant what is in this folder?"

API documentation: ${url}/my/docs   ·   model: ${whoAnswers(settings.vars)}
Ctrl-C stops it.
`;
}

/** The models that these variables choose, in words. */
export function whoAnswers(vars: Settings["vars"]): string {
  const settings = readModelSettings((name) => vars[name]?.trim() || undefined);
  if (!settings.ok) return `none, ${settings.refusal.detail}`;
  const { routes, servers } = settings.value;
  const asked = new Set(NAMED_TIERS.flatMap((tier) => routes.tiers[tier].flat().map(({ provider }) => provider)));
  const places = [...asked].map((provider) => {
    if (provider === "offline") return "the offline model (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)";
    const models = new Set(
      NAMED_TIERS.flatMap((tier) =>
        routes.tiers[tier].flat().flatMap((one) => (one.provider === provider ? [one.model] : [])),
      ),
    );
    const address = URL.parse(servers[provider]?.baseUrl ?? "");
    // Somebody may have written a password or a key into the address.
    const place = address === null ? provider : `${address.origin}${address.pathname}`;
    return `${place} (${[...models].join(", ")})`;
  });
  return places.join(", ");
}
