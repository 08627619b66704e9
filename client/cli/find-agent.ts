// An agent as a person names it.
import { isId, parseAgentHandle } from "#schema/ids.ts";
import type { Retinue } from "../sdk/retinue.ts";
import { Failure } from "./failure.ts";
import { currentProject, type Ground } from "./ground.ts";

/** The id or handle of an agent given by name, id or handle; a name is looked up in the current project. */
export const findAgent = async (
  ground: Ground,
  api: Retinue,
  text: string,
  args: { readonly project?: string | undefined },
): Promise<string> => {
  if (isId("agent", text) || parseAgentHandle(text) !== null) return text;
  const name = text.replace(/^@/, "").toLowerCase();
  const { items } = await api.agents(await currentProject(ground, api, args), { limit: 100 });
  const agent = items.find((one) => one.name.toLowerCase() === name);
  if (agent === undefined)
    throw new Failure(
      `No agent of this project is called ${JSON.stringify(text)}; there are: ${items.map((one) => one.name).join(", ")}`,
    );
  return agent.id;
};
