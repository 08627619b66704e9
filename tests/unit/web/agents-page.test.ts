// The agents' pages in their pure parts: a form against the contract, two versions side by side, files on their way.
import { describe, expect, it } from "vitest";
import type { AgentConfig } from "#schema/api/agents.ts";
import { draftOf, emptyDraft, readDraft } from "#web/pages/agents/agent-draft.ts";
import { compareConfigs, configText } from "#web/pages/agents/config-text.ts";
import { base64Of, documentOf, kindOf, refusalOf } from "#web/pages/agents/document-upload.ts";
import { readPrune } from "#web/pages/agents/prune-rules.ts";

const CONFIG: AgentConfig = {
  name: "Critic",
  description: "Finds what is wrong",
  system_prompt: "You are a critic.\nBe kind.",
  model: { tier: "smart", temperature: 0.2 },
  tools: ["read_file"],
  concurrency_limit: 2,
  max_iterations: 8,
  timeout_seconds: 300,
  approval_required: false,
};

describe("an agent's form", () => {
  it("gives back the configuration it was filled with", () => {
    expect(readDraft(draftOf(CONFIG))).toEqual({ ok: true, config: CONFIG });
    const exact = {
      ...CONFIG,
      model: { tier: "fast" as const, model: "openai/gpt-4o", max_tokens: 900, cache: false },
    };
    expect(readDraft(draftOf(exact))).toEqual({ ok: true, config: exact });
  });

  it("says below each field what does not fit it", () => {
    const read = readDraft({
      ...draftOf(CONFIG),
      name: "9 lives",
      systemPrompt: "",
      temperature: "hot",
      concurrency: "",
      iterations: "2.5",
      timeoutSeconds: "9000",
    });
    expect(read.ok).toBe(false);
    expect(Object.keys(read.ok ? {} : read.problems).sort()).toEqual(
      ["concurrency", "iterations", "name", "systemPrompt", "temperature", "timeoutSeconds"].sort(),
    );
    expect(read.ok ? "" : read.problems.concurrency).toBe("a number is needed");
  });

  it("takes a name with the @ it is called by", () => {
    expect(readDraft({ ...draftOf(CONFIG), name: " @Critic " })).toEqual({ ok: true, config: CONFIG });
  });

  it("begins empty but for what the server would choose", () => {
    const draft = emptyDraft();
    expect(draft).toMatchObject({ name: "", systemPrompt: "", tier: "smart", timeoutSeconds: "300", tools: [] });
    expect(readDraft({ ...draft, name: "New", systemPrompt: "You are new." }).ok).toBe(true);
  });
});

describe("two versions of a configuration", () => {
  it("differ nowhere when they mean the same, in whatever order their fields stand", () => {
    expect(compareConfigs(CONFIG, { ...CONFIG, model: { temperature: 0.2, tier: "smart" } })).toEqual([]);
  });

  it("show a change of the prompt as lines of the prompt", () => {
    const after = { ...CONFIG, system_prompt: "You are a critic.\nBe merciless.", max_iterations: 9 };
    const lines = compareConfigs(CONFIG, after);
    expect(lines.filter((line) => line !== null && line.kind !== "same")).toEqual([
      { kind: "removed", text: '  "max_iterations": 8,' },
      { kind: "added", text: '  "max_iterations": 9,' },
      { kind: "removed", text: "Be kind." },
      { kind: "added", text: "Be merciless." },
    ]);
  });

  it("leave out what is far from any change", () => {
    const prompt = Array.from({ length: 100 }, (_, line) => `Rule ${line}`).join("\n");
    const lines = compareConfigs(
      { ...CONFIG, system_prompt: prompt },
      { ...CONFIG, system_prompt: `${prompt}\nOne more` },
    );
    expect(lines).toContain(null);
    expect(lines.length).toBeLessThan(10);
    expect(configText(CONFIG)).toContain("system_prompt:\nYou are a critic.\nBe kind.\n");
  });
});

describe("a file on its way into a context", () => {
  it("is known by its ending, or else by its type", () => {
    expect([kindOf("a.MD"), kindOf("b.pdf"), kindOf("c.htm"), kindOf("notes", "text/x-any"), kindOf("d.exe")]).toEqual([
      "text/markdown",
      "application/pdf",
      "text/html",
      "text/plain",
      null,
    ]);
  });

  it("is refused before it is sent when it is empty, too large, or nothing that can be read", () => {
    const file = { name: "a.md", type: "", size: 10 };
    expect(refusalOf(file)).toBeNull();
    expect(refusalOf({ ...file, size: 0 })).toBe("it is empty");
    expect(refusalOf({ ...file, size: 9_000_000 })).toContain("8 MB");
    expect(refusalOf({ ...file, name: "a.zip" })).toContain("only text");
  });

  it("goes as text, and a PDF as its bytes, however many", async () => {
    expect(await documentOf(new File(["# A"], "a.md"))).toEqual({
      ...{ title: "a.md", media_type: "text/markdown", replace: true, content: "# A" },
    });
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251);
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(await documentOf(new File([bytes], "a.pdf"))).toMatchObject({ content_base64: base64Of(bytes) });
  });
});

describe("tidying up", () => {
  const draft = { type: "interaction", olderThanDays: "30", failedOnly: false, keep: "" };

  it("takes the rules that were given", () => {
    expect(readPrune(draft)).toEqual({ type: "interaction", older_than_days: 30 });
    expect(readPrune({ ...draft, failedOnly: true, keep: "5" })).toMatchObject({ success: false, max_count: 5 });
  });

  it("is not done without a rule, nor with one that is no number", () => {
    expect(readPrune({ type: "all", olderThanDays: " ", failedOnly: false, keep: "" })).toBeNull();
    expect(readPrune({ ...draft, olderThanDays: "a while" })).toBeNull();
    expect(readPrune({ ...draft, keep: "1.5" })).toBeNull();
  });
});
