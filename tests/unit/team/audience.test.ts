// Whom a message is for: one agent by name, with those it may ask, or the team and who plans for it.
import { expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { audienceOf } from "#domain/chat/target.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import { configOf } from "./plan-parts.ts";

const agent = (name: string, tools: AgentRecord["tools"] = []): AgentRecord => ({
  ...configOf(name, { tools }),
  id: mintId("agent"),
  handle: name,
  project_id: mintId("project"),
  version: 1,
  created_at: "",
  updated_at: "",
});
const [reader, planner, asker] = [agent("Reader"), agent("Orchestrator"), agent("Asker", ["call_agent"])];
const ROSTER = [reader, planner, asker];
const audience = (content: string, more = {}) => audienceOf({ content, ...more }, ROSTER, ORCHESTRATOR_DEFAULTS);

it("is the team, planned by the one called Orchestrator, who does no steps while there are others", () => {
  expect(audience("do it")).toEqual({
    ok: true,
    value: { kind: "team", planner, agents: [reader, asker], orchestrator: ORCHESTRATOR_DEFAULTS },
  });
  expect(audienceOf({ content: "do it" }, [reader], ORCHESTRATOR_DEFAULTS)).toMatchObject({
    value: { planner: reader, agents: [reader] },
  });
});

it("is the agent that is named, under the run's and the project's limits", () => {
  expect(audience("@reader hello")).toMatchObject({
    value: { kind: "agent", agent: reader, colleagues: [], limitUsd: 5 },
  });
  expect(audience("hello", { target_agent: "Reader" })).toMatchObject({ value: { agent: reader } });
  expect(audience("hello", { bypass_orchestrator: true })).toMatchObject({ refusal: { code: "no_target_agent" } });
  expect(audience("@nobody hello")).toMatchObject({ refusal: { code: "unknown_agent" } });
});

it("comes with everybody an agent may ask, for its space may not have met them", () => {
  expect(audience("@Asker hello")).toMatchObject({ value: { agent: asker, colleagues: [reader, planner] } });
});
