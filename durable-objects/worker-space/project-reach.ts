// What this project's agents may reach outside: what the installation declared, and the hosts a person said yes to.
import type { Reach } from "#domain/egress/reach.ts";
import type { Core } from "./core.ts";

/** As it stands now. */
export const projectReach = ({ settings, tables }: Pick<Core, "settings" | "tables">): Reach => ({
  localHosts: settings.web.localHosts,
  isAllowed: (host) => tables.allowedHosts.get(host) !== null,
  search: settings.web.search !== null,
});
