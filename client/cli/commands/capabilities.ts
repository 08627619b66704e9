// retinue capabilities: what engines and agents were given in a project; list, grant, revoke.
import { defineCommand } from "citty";
import { GrantCapabilityBody } from "#schema/api/capabilities.ts";
import * as policy from "../../sdk/policy.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

const listed = (text: string | undefined): string[] | undefined =>
  text
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const list = command({
  meta: { name: "list", description: "List the project's capabilities" },
  args: { ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const found = await policy.capabilities(api.http, await currentProject(ground, api, args));
    ground.print.table(
      ["ID", "PRINCIPAL", "SCOPES", "ACTIONS", "UNTIL", "FROM"],
      found.items.map((one) => [
        one.id,
        one.principal,
        one.scopes.join(","),
        one.actions.join(",") || "none",
        one.revoked_at === null ? one.expires_at : `revoked ${one.revoked_at}`,
        one.parent_id ?? "you",
      ]),
      "Nobody was given a capability in this project.",
    );
    ground.print.document(found);
  },
});

const grant = command({
  meta: { name: "grant", description: "Give an engine or an agent a capability; prints its token, once" },
  args: {
    principal: { type: "positional", required: true, description: "Who acts with it: service:<name> or agent:<id>" },
    name: { type: "string", description: "What it is for (default: the principal)" },
    scopes: { type: "string", description: "read, chat, engine (default: read,engine)", valueHint: "a,b" },
    actions: { type: "string", description: "Default: those that stay inside the project", valueHint: "a,b" },
    hours: { type: "string", description: "How long it lives (default: 24)", valueHint: "n" },
    ...PROJECT,
    ...COMMON,
  },
  run: async ({ args }) => {
    const actions = listed(args.actions);
    const wish = GrantCapabilityBody.safeParse({
      name: args.name ?? args.principal,
      principal: args.principal,
      scopes: listed(args.scopes) ?? ["read", "engine"],
      ttl_seconds: Math.round(Number(args.hours ?? 24) * 3600),
      ...(actions === undefined ? {} : { actions }),
    });
    if (!wish.success) {
      const wrong = wish.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw misuse(wrong.join("; "));
    }
    const ground = standOn(args);
    const api = await ground.api();
    const project = await currentProject(ground, api, args);
    const made = await policy.grantCapability(api.http, project, wish.data);
    ground.print.line(`${made.id}: ${made.principal} may ${made.actions.join(", ") || "take no action"}`);
    ground.print.line(`  scopes ${made.scopes.join(", ")}, until ${made.expires_at}`);
    ground.print.line(`  RETINUE_TOKEN=${made.token} RETINUE_PROJECT=${project}`);
    ground.print.document(made);
  },
});

const revoke = command({
  meta: { name: "revoke", description: "End a capability and everything passed on from it" },
  args: { id: { type: "positional", required: true, description: "The capability's id" }, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const done = await policy.revokeCapability((await ground.api()).http, args.id);
    ground.print.line("Revoked, with everything that was passed on from it.");
    ground.print.document(done);
  },
});

export const capabilitiesCommand = defineCommand({
  meta: { name: "capabilities", description: "Give engines and agents rights in a project, and take them back" },
  default: "list",
  subCommands: { list, grant, revoke },
});
