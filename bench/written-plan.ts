// The plan the stub model writes. Its shape is asked for in the request itself: `{{200/4}}` is 200 steps in 4 lanes, each step
// waiting for the one before it in its lane; as many lanes as steps make a plan in which nothing waits.

/** A request whose plan has this shape; `id` is for the stub to recognise its calls, and `id-s1` its first step's. */
export const planned = (id: string, steps: number, lanes: number, tools = false): string =>
  `[[${id}]] Do it in {{${steps}/${lanes}}} steps${tools ? " with {{tools}}" : ""}.`;

/** Whether this request body is of a step that is to call a tool, and has not yet. */
export const wantsTool = (body: string): boolean =>
  body.includes("{{tools}}") && /-s\d+\]\](?!.*\[\[)/s.test(body) && !body.includes('"role":"tool"');

/** The plan that this request body, which asks for JSON under a schema, wants; null when it wants none. */
export function writtenPlan(body: string): string | null {
  if (!body.includes('"json_schema"')) return null;
  const shape = [...body.matchAll(/\[\[([\w-]+)\]\][^{[]*\{\{(\d+)\/(\d+)\}\}/g)].at(-1);
  const names = /"enum":\[([^\]]*)\]/.exec(body)?.[1]?.match(/[^",]+/g) ?? [];
  const agent = names.find((name) => name.startsWith("Bench")) ?? names[0] ?? "";
  return JSON.stringify({ steps: stepsOf(shape?.[1] ?? "", Number(shape?.[2] ?? 1), Number(shape?.[3] ?? 1), agent) });
}

/** The steps of such a plan, in the order they may begin. */
export function stepsOf(id: string, steps: number, lanes: number, agent: string) {
  return Array.from({ length: steps }, (_, at) => ({
    id: `s${at + 1}`,
    title: `Part ${at + 1}`,
    agent,
    instruction: `[[${id}-s${at + 1}]] Say something short about part ${at + 1}.`,
    depends_on: at < lanes ? [] : [`s${at + 1 - lanes}`],
  }));
}
