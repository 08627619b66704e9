import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { planFor } from "#adapters/models/offline/plan.ts";
import { offlineFetch } from "#adapters/models/offline/server.ts";

const TEAM =
  "Plan for these agents:\n- CodeAssistant: reads, explains and changes code and files\n- Researcher: finds and compares information\n- Writer — writes texts, summaries and reports\n";
const plan = (request: string) => planFor(request, TEAM, ["CodeAssistant", "Researcher", "Writer"]);

const STEP = {
  type: "object",
  properties: {
    id: { type: "string" },
    title: { type: "string" },
    agent: { enum: ["CodeAssistant", "Researcher", "Writer"] },
    instruction: { type: "string" },
    depends_on: { type: "array", items: { type: "string" } },
  },
  required: ["id", "title", "agent", "instruction", "depends_on"],
  additionalProperties: false,
};
const PLAN = {
  type: "object",
  properties: { steps: { type: "array", items: STEP } },
  required: ["steps"],
  additionalProperties: false,
};

const asked = async (content: string, schema?: unknown): Promise<unknown> => {
  const response_format =
    schema === undefined ? { type: "json_object" } : { type: "json_schema", json_schema: { name: "out", schema } };
  const response = await offlineFetch("http://offline.invalid/v1/chat/completions", {
    method: "POST",
    body: JSON.stringify({
      model: "offline",
      messages: [
        { role: "system", content: TEAM },
        { role: "user", content },
      ],
      response_format,
    }),
  });
  const body: { choices: { message: { content: string } }[] } = await response.json();
  return JSON.parse(body.choices[0]?.message.content ?? "");
};

describe("the offline model's plan", () => {
  test("chains what is to be done one after the other", () => {
    const steps = plan("Read the code in src, then compare it with other libraries and then write a report about it");
    expect(steps.map(({ agent, depends_on }) => [agent, depends_on])).toEqual([
      ["CodeAssistant", []],
      ["Researcher", ["s1"]],
      ["Writer", ["s2"]],
    ]);
  });

  test("leaves the items of a list parallel, and lets the summary wait for them all", () => {
    const steps = plan("- explain the code\n- find information about rivals\n- summarise everything");
    expect(steps.map(({ depends_on }) => depends_on)).toEqual([[], [], ["s1", "s2"]]);
  });

  test("follows numbers, Russian order words and an agent called by name", () => {
    expect(plan("1. read a.ts\n2. fix it").map(({ depends_on }) => depends_on)).toEqual([[], ["s1"]]);
    expect(plan("Прочитай код, затем напиши отчёт")).toHaveLength(2);
    expect(plan("@Researcher check the code")[0]?.agent).toBe("Researcher");
  });

  test("keeps a simple request whole", () => {
    expect(plan("Explain what this project does")).toMatchObject([
      { id: "s1", instruction: "Explain what this project does", depends_on: [] },
    ]);
  });

  test("has only steps that depend on earlier ones, whatever it is given", () => {
    for (const request of ["", "then", "a, and b; c. then d", "- \n- x\n- y", "и и и", "1. a"]) {
      const steps = plan(request);
      expect(steps.length).toBeGreaterThan(0);
      steps.forEach((step, at) => {
        expect(step.depends_on.every((id) => steps.slice(0, at).some((earlier) => earlier.id === id))).toBe(true);
      });
    }
  });
});

describe("the offline model's JSON", () => {
  test("fits a plan's schema", async () => {
    const value = await asked("Read the code, then write a report", PLAN);
    expect(new Ajv().compile(PLAN)(value)).toBe(true);
    expect(value).toMatchObject({ steps: [{ agent: "CodeAssistant" }, { agent: "Writer", depends_on: ["s1"] }] });
  });

  test("fits schemas it has never seen", async () => {
    const schema = {
      type: "object",
      properties: {
        title: { type: "string", maxLength: 10 },
        mood: { enum: ["calm", "wild"] },
        count: { type: "integer", minimum: 3 },
        maybe: { anyOf: [{ type: "null" }, { $ref: "#/$defs/inner" }] },
        list: { type: "array", items: { $ref: "#/$defs/inner" }, minItems: 2 },
      },
      required: ["title", "mood", "count", "maybe", "list"],
      additionalProperties: false,
      $defs: {
        inner: {
          type: "object",
          properties: { yes: { type: "boolean" }, why: { type: ["string", "null"] } },
          required: ["yes", "why"],
        },
      },
    };
    const value = await asked("Something entirely different, at length", schema);
    const validate = new Ajv({ strict: false }).compile(schema);
    expect(validate(value) || validate.errors).toBe(true);
  });

  test("is an object even without a schema", async () => {
    expect(await asked("hello, answer in JSON")).toEqual({ answer: expect.any(String) });
  });
});
