// retinue agents: list and show.
import { defineCommand } from "citty";
import { command } from "../arguments.ts";
import { Failure } from "../failure.ts";
import { COMMON, currentProject, PROJECT, standOn } from "../ground.ts";

const list = command({
  meta: { name: "list", description: "List the project's agents" },
  args: { ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const items = (await api.agents(await currentProject(ground, api, args), { limit: 100 })).items;
    ground.print.table(
      ["NAME", "STATUS", "MODEL", "TOOLS", "DESCRIPTION"],
      items.map((agent) => [
        `@${agent.name}`,
        agent.status,
        agent.model.model ?? agent.model.tier,
        agent.tools.join(","),
        agent.description,
      ]),
      "This project has no agents.",
    );
    ground.print.document({ items });
  },
});

const show = command({
  meta: { name: "show", description: "Show one agent" },
  args: { agent: { type: "positional", required: true, description: "Name, id or handle" }, ...PROJECT, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const name = args.agent.replace(/^@/, "").toLowerCase();
    const items = (await api.agents(await currentProject(ground, api, args), { limit: 100 })).items;
    const agent = items.find(
      (one) => one.name.toLowerCase() === name || one.id === args.agent || one.handle === args.agent,
    );
    if (agent === undefined)
      throw new Failure(
        `No agent of this project is called ${JSON.stringify(args.agent)}; there are: ${items.map((one) => one.name).join(", ")}`,
      );
    ground.print.line(`@${agent.name} (${agent.id}, version ${agent.version}): ${agent.status}`);
    if (agent.description !== "") ground.print.line(agent.description);
    ground.print.line(
      `model ${agent.model.model ?? agent.model.tier}, tools ${agent.tools.join(", ") || "none"}, up to ${agent.concurrency_limit} at once, ${agent.max_iterations} model calls and ${agent.timeout_seconds} s a turn`,
    );
    ground.print.line(`\n${agent.system_prompt}`);
    ground.print.document(agent);
  },
});

export const agentsCommand = defineCommand({
  meta: { name: "agents", description: "List and show agents" },
  default: "list",
  subCommands: { list, show },
});
