// The pages about the house in their pure parts: cron in words, figures by day, budgets as bars, memories as sentences.
import { describe, expect, it } from "vitest";
import { Memory } from "#schema/api/memory.ts";
import { bytesText, countText, manyText, shareText } from "#web/app/amount-words.ts";
import { byDay, figures } from "#web/app/series.ts";
import { staleAfter } from "#web/live/stale-after.ts";
import { connectionOf } from "#web/pages/devices/connection.ts";
import { aboutOf, originOf, titleOf, wordsOf } from "#web/pages/memory/memory-words.ts";
import { newPassphraseProblem } from "#web/pages/memory/new-passphrase.ts";
import { cronWords } from "#web/pages/schedules/cron-words.ts";
import { momentText } from "#web/pages/schedules/moment.ts";
import { untilText } from "#web/pages/settings/until.ts";
import { budgetBar, readLimit } from "#web/pages/usage/budget-bar.ts";
import { memoryPassphrase } from "#web/session/memory-passphrase.ts";

describe("a cron expression", () => {
  it.each([
    ["* * * * *", "Every minute"],
    ["*/15 * * * *", "Every 15 minutes"],
    ["0 * * * *", "Every hour"],
    ["5 * * * *", "Every hour, at minute 5"],
    ["0 */2 * * *", "Every 2 hours, at minute 0"],
    ["0 9 * * *", "Every day at 09:00"],
    ["0 9,17 * * *", "Every day at 09:00 and 17:00"],
    ["0 9 * * MON-FRI", "At 09:00 on Monday to Friday"],
    ["30 8 1 * *", "At 08:30 on day 1 of the month"],
    ["0 0 13 * fri", "At 00:00 on day 13 of the month or on Friday"],
    ["0 0 1 1,7 *", "At 00:00 on day 1 of the month in January and July"],
    ["*/10 9-17 * * 1-5", "Every 10 minutes, in the hours 09 to 17 on Monday to Friday"],
    ["0 12 * * 7", "At 12:00 on Sunday"],
    ["@daily", "Every day at 00:00"],
    ["@Weekly", "At 00:00 on Sunday"],
  ])("%s is “%s”", (expression, words) => {
    expect(cronWords(expression)).toBe(words);
  });

  it.each([
    "",
    "* * * *",
    "61 * * * *",
    "0 25 * * *",
    "5-1 * * * *",
    "*/0 * * * *",
    "0 0 L * *",
    "0 0 * * FRI#2",
    "@reboot",
  ])("%s is none", (expression) => {
    expect(cronWords(expression)).toBeNull();
  });

  it("comes at a time that is said in its own zone", () => {
    expect(momentText("2026-11-23T08:00:00.000Z", "Europe/Berlin")).toBe("Mon 23 Nov, 09:00");
    expect(momentText("2026-11-23T08:00:00.000Z", "Mars/Olympus")).toBe("2026-11-23T08:00:00.000Z");
  });
});

describe("figures by day", () => {
  const sum = { calls: 2, input_tokens: 10, output_tokens: 5, cost_usd: 0.5, unpriced_calls: 0 };

  it("have a nothing for every day without any", () => {
    const days = byDay({
      from: "2026-02-27",
      to: "2026-03-02",
      group: "day",
      total: sum,
      items: [{ ...sum, day: "2026-03-01", agent: null, model: null }],
    });
    expect(days.days).toHaveLength(4);
    expect(days.days[0]).toBe(Date.parse("2026-02-27T00:00:00Z") / 1_000);
    expect(figures(days, ({ calls }) => calls)).toEqual([0, 0, 2, 0]);
  });

  it("are said shortly", () => {
    expect([countText(31_000), countText(999), shareText(0.934), bytesText(12_345), bytesText(3_400_000)]).toEqual([
      ...["31K", "999", "93 %", "12 kB", "3.4 MB"],
    ]);
    expect([manyText(1, "piece"), manyText(2, "piece"), manyText(2, "memory", "memories")]).toEqual([
      ...["1 piece", "2 pieces", "2 memories"],
    ]);
  });
});

describe("a budget", () => {
  it("is a bar of what is gone and what is held, and never more than whole", () => {
    expect(budgetBar(10, 3, 1, 0.8)).toEqual({ spent: 0.3, reserved: 0.1, alertAt: 0.8, state: "fine" });
    expect(budgetBar(10, 9, 5, 0.8)).toMatchObject({ spent: 0.9, state: "told" });
    expect(budgetBar(10, 9, 5, 0.8)?.reserved).toBeCloseTo(0.1);
    expect(budgetBar(10, 12, 0, null)).toEqual({ spent: 1, reserved: 0, alertAt: null, state: "gone" });
    expect(budgetBar(0, 0, 0, 0.8)?.state).toBe("gone");
    expect(budgetBar(null, 3, 0, 0.8)).toBeNull();
  });

  it("is typed as a sum, or left empty for none", () => {
    expect([readLimit("20"), readLimit(" $2,5 "), readLimit(""), readLimit("0")]).toEqual([
      ...[{ limit: 20 }, { limit: 2.5 }, { limit: null }, { limit: 0 }],
    ]);
    expect([readLimit("much"), readLimit("-1"), readLimit("1e9")]).toEqual([null, null, null]);
  });
});

describe("a memory", () => {
  const frame = {
    id: "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3",
    created_at: "2026-11-21T08:00:00.000Z",
  };

  it("says nothing while it is locked", () => {
    const locked = Memory.parse({ ...frame, type: "core", locked: true });
    expect([titleOf(locked), wordsOf(locked), originOf(locked), aboutOf(locked)]).toEqual([
      "a locked memory",
      null,
      null,
      null,
    ]);
  });

  it("is harmless, whatever it holds", () => {
    const open = Memory.parse({
      ...frame,
      user_id: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3",
      sealed: false,
      updated_at: frame.created_at,
      last_used_at: null,
      type: "core",
      locked: false,
      key: "na\u202eme",
      value: "Ada\u0007",
      trust: "tool",
      provenance: { source: "learned" },
    });
    expect(titleOf(open)).not.toContain("\u202e");
    expect(wordsOf(open)).not.toContain("\u0007");
    expect(originOf(open)).toBe("learned from a conversation; read somewhere by a tool");
  });
});

describe("a passphrase", () => {
  it("goes along with messages only when that was chosen, whichever it is by then, and never once it is forgotten", () => {
    expect(memoryPassphrase.forChats()).toEqual({});
    memoryPassphrase.give("open sesame");
    expect(memoryPassphrase.forChats()).toEqual({});
    memoryPassphrase.bringToChats(true);
    const first = memoryPassphrase.now()?.nth;
    memoryPassphrase.give("close sesame");
    expect(memoryPassphrase.forChats()).toEqual({ memoryPassphrase: "close sesame" });
    expect(memoryPassphrase.now()?.nth).not.toBe(first);
    memoryPassphrase.forget();
    memoryPassphrase.bringToChats(true);
    expect([memoryPassphrase.now(), memoryPassphrase.forChats()]).toEqual([null, {}]);
  });
  it("is typed twice before it is a new one", () => {
    expect(newPassphraseProblem("short", "short")?.of).toBe("words");
    expect(newPassphraseProblem("long enough", "long enouhg")?.of).toBe("again");
    expect(newPassphraseProblem("long enough", "long enough")).toBeNull();
  });
});

describe("what is stale", () => {
  const keys = (type: string, stored = true) => staleAfter(type, stored).map(({ key }) => key);

  it("are the figures when a run ends, and not at each of its events", () => {
    expect(keys("run.completed")).toContain("usage");
    expect(keys("run.started")).not.toContain("usage");
    expect(keys("model.called")).toEqual([]);
  });

  it("is what a rule's event says", () => {
    expect(keys("policy.kill_switch_set")).toEqual(["kill-switch"]);
    expect(keys("egress.host_withdrawn")).toEqual(["hosts"]);
    expect(keys("memory.learned")).toEqual(["memory"]);
    expect(keys("agent.status_changed", false)).toEqual(["agents", "space"]);
  });
});

it("a connection whose words were taken out of the log still has its line", () => {
  expect(connectionOf(null)).toEqual({ name: "–", folder: "–" });
  expect(connectionOf({ name: "laptop", folder: "tides" })).toEqual({ name: "laptop", folder: "tides" });
});

it("an end is told by what is left until then", () => {
  const now = Date.parse("2026-11-21T08:00:00Z");
  expect([
    untilText(null, now),
    untilText("2026-11-21T07:00:00Z", now),
    untilText("2026-11-21T08:30:00Z", now),
    untilText("2026-11-22T08:00:00Z", now),
    untilText("2026-12-01T08:00:00Z", now),
  ]).toEqual(["never", "ended", "in 30 min", "in 24 h", "in 10 d"]);
});
