// The offline model as one of a team: it plans for whom it is told, and answers from what others found, in their words only.
import { describe, expect, test } from "vitest";
import { planFor } from "#adapters/models/offline/plan.ts";
import { answerFromResults, joined, resultIn } from "#adapters/models/offline/team-answer.ts";

const TEAM = ["Architect", "CodeAssistant", "DataAnalyst"];
const plan = (request: string) =>
  planFor(request, TEAM.map((name) => `- ${name}: an agent`).join("\n"), TEAM).map(
    ({ agent, instruction, depends_on }) => [agent, instruction, depends_on.join()],
  );
const result = (agent: string, text: string | null, problem = "") => ({
  title: `${agent}'s part`,
  agent,
  text,
  problem,
});

describe("a request that names agents", () => {
  test("is split where another is told something, and each gets only its own part", () => {
    expect(
      plan("Let the Architect describe README.md, have CodeAssistant explain a.ts, then DataAnalyst compares both"),
    ).toEqual([
      ["Architect", "describe README.md", ""],
      ["CodeAssistant", "explain a.ts", ""],
      ["DataAnalyst", "compares both", "s1,s2"],
    ]);
    expect(plan("Ask CodeAssistant to read a.ts and the DataAnalyst to count the lines")).toEqual([
      ["CodeAssistant", "read a.ts", ""],
      ["DataAnalyst", "count the lines", ""],
    ]);
  });

  test("is left whole when the name is only a word of it", () => {
    expect(plan("What does the architect of Rome say?")).toEqual([
      ["Architect", "What does the architect of Rome say?", ""],
    ]);
    expect(plan("Architect")).toEqual([["Architect", "Architect", ""]]);
  });
});

describe("what others found", () => {
  const notes = result("Architect", "The lamp is lit at dusk. It needs no network.");
  const code = result("CodeAssistant", "A clock is read first. The lamp is lit by lampTime.");

  test("is set side by side when it is to be compared, by what it says about the topic", () => {
    expect(answerFromResults("compare what both say about the lamp", [notes, code])).toBe(
      "- Architect: The lamp is lit at dusk.\n- CodeAssistant: The lamp is lit by lampTime.",
    );
    expect(answerFromResults("compare what both say about the network", [notes, code])).toBe(
      "- Architect: It needs no network.\n- CodeAssistant: nothing about that",
    );
  });

  test("is summed up by what each says first, and what failed is said", () => {
    expect(answerFromResults("summarise everything", [notes, code, result("DataAnalyst", null, "no device")])).toBe(
      "- Architect: The lamp is lit at dusk.\n- CodeAssistant: A clock is read first.\n- DataAnalyst: not done, no device",
    );
  });

  test("answers a question in its own sentences", () => {
    expect(answerFromResults("is a network needed?", [notes, code])).toBe("It needs no network.");
  });

  test("is told once when a later step repeated it whole", () => {
    const repeats = result("DataAnalyst", `So: ${notes.text}`);
    expect(joined([notes, repeats])).toBe(`**DataAnalyst's part** (DataAnalyst)\n${repeats.text}`);
  });

  test("is read without the signature of the offline model", () => {
    expect(resultIn('[Result of "Look", by Bo]\nIt is round.\n\n— offline model')).toEqual({
      title: "Look",
      agent: "Bo",
      text: "It is round.",
      problem: "",
    });
  });
});
