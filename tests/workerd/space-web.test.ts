// A turn that reads the web: the first use of a host asks, a yes holds for that host, and nothing leaves that was not
// allowed, whoever asks for it, also after the object was stopped in the middle.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Approval } from "#schema/api/approvals.ts";
import { fakeInternet, html, type Internet } from "#tests/support/workerd/internet.ts";
import {
  agentIn,
  type FreshSpace,
  freshSpace,
  killed,
  logOf,
  must,
  roomIn,
  say,
  sayUntilItWaits,
} from "#tests/support/workerd/spaces.ts";

let internet: Internet;
beforeEach(() => {
  internet = fakeInternet();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const tea = () => html("<title>Tea</title><main><h1>Tea</h1><p>Green tea is brewed at eighty degrees.</p></main>");
const surfer = (space: FreshSpace, changes = {}) => agentIn(space, { tools: ["web_fetch"], ...changes });

const openApproval = async (space: FreshSpace): Promise<Approval> => {
  const page = must(await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 5 }));
  const [approval] = page.items;
  if (approval === undefined) throw new Error("nothing was asked");
  return approval;
};
const answerTo = async (space: FreshSpace, runId: Parameters<FreshSpace["stub"]["getRun"]>[1]) => {
  await expect.poll(async () => must(await space.stub.getRun(space.caller, runId)).status).toBe("completed");
  const last = (await logOf(space)).findLast((event) => event.type === "message.posted" && event.run_id === runId);
  return String(last?.data?.content);
};
const callOf = async (space: FreshSpace, runId: Parameters<FreshSpace["stub"]["getRun"]>[1]) => {
  const [call] = must(await space.stub.listToolCalls(space.caller, runId, { limit: 5 })).items;
  return call;
};
const urls = () => internet.departures.map(({ url }) => url);

/** A space whose owner has said yes to tea.example.org. */
const trusting = async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const agent = surfer(space);
  internet.open("tea.example.org", tea);
  const asked = await sayUntilItWaits(
    space,
    room,
    agent,
    "what temperature for green tea? https://tea.example.org/green",
  );
  must(await space.stub.decideApproval(space.caller, (await openApproval(space)).id, { decision: "approve" }));
  await answerTo(space, asked.run.id);
  return { space, room, agent };
};

it("asks before a new host with the exact address, reads it after a yes, and answers from it", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  internet.open("tea.example.org", tea);
  const words = "what temperature is green tea brewed at? see https://Tea.example.org./green#top";
  const asked = await sayUntilItWaits(space, room, surfer(space), words);
  expect(asked.run.status).toBe("waiting");
  expect(internet.departures).toEqual([]);
  expect(internet.lookups).toEqual([]);
  const approval = await openApproval(space);
  expect(approval).toMatchObject({
    tool: "web_fetch",
    arguments: { url: "https://tea.example.org/green" },
    reason_codes: ["new_host"],
  });
  must(await space.stub.decideApproval(space.caller, approval.id, { decision: "approve" }));
  expect(await answerTo(space, asked.run.id)).toContain("eighty degrees");
  expect(urls()).toEqual(["https://tea.example.org/green"]);
  expect(internet.lookups).toEqual(["tea.example.org"]);
  const allowed = (await logOf(space)).filter(({ type }) => type === "egress.host_allowed");
  expect(allowed.map(({ data }) => data)).toEqual([
    { host: "tea.example.org", approval_id: approval.id, by: `user:${space.user_id}` },
  ]);
  const call = await callOf(space, asked.run.id);
  expect(call?.result).toMatch(/^URL: https:\/\/tea\.example\.org\/green\nTitle: Tea\n/);
});

it("does not ask again for that host, in any room, nor after the object was stopped", async () => {
  const { space, agent } = await trusting();
  await evictDurableObject(space.object);
  const posted = await say(space, await roomIn(space), agent, "read https://tea.example.org/black");
  expect(posted.run.status).toBe("completed");
  expect(urls().at(-1)).toBe("https://tea.example.org/black");
  const requested = (await logOf(space)).findLast(({ type }) => type === "toolcall.requested");
  expect(requested?.data).toMatchObject({ decision: "allow", reason_codes: ["reads_web", "host_allowed"] });
});

it("asks for another host, another port and a host below, and a yes in one project is none in another", async () => {
  const { space, room, agent } = await trusting();
  for (const url of ["https://coffee.example.org/", "https://tea.example.org:8443/", "https://a.tea.example.org/"]) {
    expect((await sayUntilItWaits(space, room, agent, `read ${url}`)).run.status).toBe("waiting");
  }
  const other = freshSpace();
  const elsewhere = await sayUntilItWaits(other, await roomIn(other), surfer(other), "read https://tea.example.org/");
  expect(elsewhere.run.status).toBe("waiting");
  expect(urls()).toEqual(["https://tea.example.org/green"]);
});

it("shows which hosts are allowed, and asks again about one that was taken back", async () => {
  const { space, room, agent } = await trusting();
  const listed = must(await space.stub.listAllowedHosts(space.caller, { limit: 10 }));
  expect(listed).toMatchObject({
    items: [
      { host: "tea.example.org", allowed_by: `user:${space.user_id}`, approval_id: expect.stringMatching(/^appr_/) },
    ],
    next_cursor: null,
  });
  expect(await space.stub.withdrawHost(space.caller, "coffee.example.org")).toMatchObject({
    ok: false,
    refusal: { code: "not_found" },
  });
  must(await space.stub.withdrawHost(space.caller, "tea.example.org"));
  expect(must(await space.stub.listAllowedHosts(space.caller, { limit: 10 })).items).toEqual([]);
  expect((await sayUntilItWaits(space, room, agent, "read https://tea.example.org/")).run.status).toBe("waiting");
  expect(urls()).toEqual(["https://tea.example.org/green"]);
  const { valid, read_models } = must(await space.stub.verify(space.caller, null, true));
  expect({ valid, difference: read_models?.first_difference }).toEqual({ valid: true, difference: null });
});

it("asks even for an allowed host when the agent always asks", async () => {
  const { space, room } = await trusting();
  const careful = surfer(space, { name: "Careful", approval_required: true });
  expect((await sayUntilItWaits(space, room, careful, "read https://tea.example.org/")).run.status).toBe("waiting");
  expect((await openApproval(space)).reason_codes).toEqual(["agent_always_asks"]);
});

it("reads nothing after a no, and the host stays unknown", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  internet.open("tea.example.org", tea);
  const asked = await sayUntilItWaits(space, room, surfer(space), "read https://tea.example.org/");
  must(
    await space.stub.decideApproval(space.caller, (await openApproval(space)).id, {
      decision: "reject",
      note: "no tea",
    }),
  );
  expect(await answerTo(space, asked.run.id)).toContain("no tea");
  expect((await sayUntilItWaits(space, room, surfer(space), "read https://tea.example.org/")).run.status).toBe(
    "waiting",
  );
  expect(internet.departures).toEqual([]);
});

it("reads the edited address instead, and takes no edit to a place that may not be reached", async () => {
  const space = freshSpace();
  internet.open("tea.example.org", tea);
  internet.open("coffee.example.org", () => html("<p>Coffee is black.</p>"));
  const asked = await sayUntilItWaits(space, await roomIn(space), surfer(space), "read https://tea.example.org/");
  const { id } = await openApproval(space);
  const approve = (url: string) =>
    space.stub.decideApproval(space.caller, id, { decision: "approve", arguments: { url } });
  expect(await approve("https://169.254.169.254/")).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  expect(await approve("https://[::ffff:7f00:1]/")).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  must(await approve("https://coffee.example.org/"));
  expect(await answerTo(space, asked.run.id)).toContain("Coffee is black");
  expect(urls()).toEqual(["https://coffee.example.org/"]);
});

it.each([
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://①②⑦.0.0.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://[::ffff:7f00:1]/",
  "https://[64:ff9b::a9fe:a9fe]/",
  "https://localhost:8787/",
  "https://metadata.google.internal/",
  "http://example.org/",
  "https://user:pass@example.org/",
])("neither asks a person about %s nor reads it", async (url) => {
  const space = freshSpace();
  const posted = await say(space, await roomIn(space), surfer(space), `read ${url}`);
  expect(posted.run.status).toBe("completed");
  expect(await callOf(space, posted.run.id)).toMatchObject({ status: "failed" });
  expect((await logOf(space)).filter(({ type }) => type === "approval.requested")).toEqual([]);
  expect(internet.departures).toEqual([]);
  expect(internet.lookups).toEqual([]);
});

it("reads nothing from an allowed host whose name now leads inside", async () => {
  const { space, room, agent } = await trusting();
  internet.open("tea.example.org", tea, ["93.184.215.14", "10.0.0.7"]);
  const posted = await say(space, room, agent, "read https://tea.example.org/");
  expect(await callOf(space, posted.run.id)).toMatchObject({
    status: "failed",
    result: expect.stringContaining("10.0.0.7"),
  });
  expect(urls()).toEqual(["https://tea.example.org/green"]);
});

it("follows a redirect within the host, and stops at one to another host, saying which it wanted", async () => {
  const { space, room, agent } = await trusting();
  internet.open("tea.example.org", ({ pathname }) => {
    if (pathname === "/moved") return new Response(null, { status: 301, headers: { location: "/green" } });
    if (pathname === "/out")
      return new Response(null, { status: 302, headers: { location: "https://evil.example.com/x" } });
    if (pathname === "/in")
      return new Response(null, { status: 302, headers: { location: "http://169.254.169.254/" } });
    return tea();
  });
  const moved = await say(space, room, agent, "read https://tea.example.org/moved");
  expect((await callOf(space, moved.run.id))?.result).toMatch(/^URL: https:\/\/tea\.example\.org\/green\n/);
  const out = await say(space, room, agent, "read https://tea.example.org/out");
  expect((await callOf(space, out.run.id))?.result).toMatch(/sent on to https:\/\/evil\.example\.com\/x.*not allowed/);
  const inward = await say(space, room, agent, "read https://tea.example.org/in");
  expect(await callOf(space, inward.run.id)).toMatchObject({ status: "failed" });
  expect(urls().filter((url) => !url.startsWith("https://tea.example.org/"))).toEqual([]);
});

it("keeps a long page whole as an artifact and shows the agent its beginning", async () => {
  const { space, room, agent } = await trusting();
  internet.open("tea.example.org", () => html(`<p>${"Leaf after leaf. ".repeat(10_000)}</p>`));
  const posted = await say(space, room, agent, "read https://tea.example.org/long");
  const call = await callOf(space, posted.run.id);
  expect(call?.result).toContain("[truncated: ");
  if (call?.artifact_id == null) throw new Error("no artifact");
  const artifact = must(await space.stub.getArtifact(space.caller, call.artifact_id));
  expect(artifact.content?.length).toBeGreaterThan(150_000);
  expect(await (await env.BLOBS.get(`artifacts/${space.project_id}/${call.id}`))?.text()).toBe(artifact.content);
});

it("makes a call again that was under way when the object was stopped, and settles it once", async () => {
  const { space, room, agent } = await trusting();
  let visits = 0;
  internet.open("tea.example.org", () => {
    visits += 1;
    return visits === 1 ? new Promise<Response>(() => {}) : tea();
  });
  const posted = await say(space, room, agent, "read https://tea.example.org/slow", 300);
  await expect.poll(() => visits).toBe(1);
  const back = await killed(space);
  await runDurableObjectAlarm(back.object);
  expect(await answerTo(back, posted.run.id)).toContain("eighty degrees");
  expect(visits).toBe(2);
  const ended = (await logOf(back)).filter(
    ({ type, run_id }) => type === "toolcall.succeeded" && run_id === posted.run.id,
  );
  expect(ended).toHaveLength(1);
});

it.each([
  ["that was interrupted too often", "update effects set attempts = 3 where state = 'sent'", "stopped too often"],
  ["whose time is over", "update effects set deadline = 1 where state = 'sent'", "was not done within"],
])("gives a call up %s", async (_, change, words) => {
  const { space, room, agent } = await trusting();
  internet.open("tea.example.org", () => new Promise<Response>(() => {}));
  const posted = await say(space, room, agent, "read https://tea.example.org/slow", 300);
  await expect.poll(() => urls()).toHaveLength(2);
  const back = await killed(space, change);
  await runDurableObjectAlarm(back.object);
  await answerTo(back, posted.run.id);
  expect((await callOf(back, posted.run.id))?.result).toContain(words);
});

it("breaks a call off when its run is cancelled", async () => {
  const { space, room, agent } = await trusting();
  let state = "not asked";
  internet.open("tea.example.org", (_, signal) => {
    state = "asked";
    signal?.addEventListener("abort", () => {
      state = "broken off";
    });
    return new Promise<Response>(() => {});
  });
  const posted = await say(space, room, agent, "read https://tea.example.org/slow", 300);
  await expect.poll(() => state).toBe("asked");
  must(await space.stub.cancelRun(space.caller, posted.run.id, null));
  await expect.poll(() => state).toBe("broken off");
  expect(await callOf(space, posted.run.id)).toMatchObject({ status: "cancelled" });
});

it("is not there for an agent without the tool: an address is only a word to it", async () => {
  const space = freshSpace();
  const room = await roomIn(space);
  const plain = await say(space, room, agentIn(space, { tools: ["read_file"] }), "see https://tea.example.org/");
  expect(must(await space.stub.listToolCalls(space.caller, plain.run.id, { limit: 5 })).items).toEqual([]);
  expect(internet.departures).toEqual([]);
});
