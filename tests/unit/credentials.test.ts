// The small hands under the doors: passwords, ids, sealed answers, tickets, the log, and what `Prefer` wishes.
import { expect, test } from "vitest";
import { minter, newKey } from "#adapters/ids.ts";
import { ACCESS_TOKEN_SECONDS, accessTokens } from "#adapters/jwt.ts";
import { Kept } from "#adapters/kept.ts";
import { type AuthKey, seal, unseal } from "#adapters/keyring.ts";
import { logLine } from "#adapters/logger.ts";
import { hashPassword, verifyPassword } from "#adapters/password.ts";
import { newTicket, readTicket } from "#adapters/stream-tickets.ts";
import { newAgentRecord } from "#domain/agents/records.ts";
import { STARTER_PACK } from "#domain/agents/starter-pack.ts";
import { judgeRefresh, REFRESH_GRACE_MS } from "#domain/auth/refresh.ts";
import { resolveTarget } from "#domain/chat/target.ts";
import { AgentConfig } from "#schema/api/agents.ts";
import { isId, keyOf } from "#schema/ids.ts";
import { preferredWait } from "#workers/prefer.ts";

const key = (kid: string, fill: number): AuthKey => ({ kid, secret: new Uint8Array(32).fill(fill) });
const mintId = minter(() => 1_795_000_000_000);

test("a password fits its own hash and no other, and an absent account never fits", async () => {
  const [first, second] = [await hashPassword("pässword one"), await hashPassword("pässword one")];
  expect(first).not.toBe(second);
  expect(await verifyPassword("pässword one", first)).toBe(true);
  expect(await verifyPassword("pa\u0308ssword one", first)).toBe(true);
  expect(await verifyPassword("pässword two", first)).toBe(false);
  expect(await verifyPassword("pässword one", null)).toBe(false);
  expect(await verifyPassword("pässword one", "plain")).toBe(false);
});

test("an id carries the key it was minted with, and differs every time", () => {
  const projectKey = newKey();
  const ids = new Set(Array.from({ length: 1000 }, () => mintId("run", projectKey)));
  expect(ids.size).toBe(1000);
  for (const id of ids) {
    expect(isId("run", id)).toBe(true);
    expect(keyOf(id)).toBe(projectKey);
  }
});

test("a sealed text opens with its key and context only, also after the ring was rotated", () => {
  const sealed = seal([key("a", 1)], "stored-answer", "ada", "secret");
  expect(sealed).not.toContain("secret");
  expect(unseal([key("b", 2), key("a", 1)], "stored-answer", "ada", sealed)).toBe("secret");
  expect(unseal([key("b", 2)], "stored-answer", "ada", sealed)).toBeNull();
  expect(unseal([key("a", 1)], "stored-answer", "eve", sealed)).toBeNull();
  // Not at the very end: the last character of base64url may hold bits that mean nothing.
  const other = sealed.at(-5) === "A" ? "B" : "A";
  expect(unseal([key("a", 1)], "stored-answer", "ada", sealed.slice(0, -5) + other + sealed.slice(-4))).toBeNull();
});

test("a token proves the same each time it comes, and nothing from the second it ends; one that is like it never does", async () => {
  let now = 1_795_000_000_000;
  const settings = { keys: [key("a", 1)], issuer: "us", audience: "us", externals: [] } as const;
  const tokens = accessTokens({ ...settings, keys: [key("a", 1)] }, () => now);
  const user = { id: mintId("user"), tier: "free" } as const;
  const { token } = await tokens.issue(user, mintId("session"));
  const first = await tokens.verify(token);
  expect(first).toMatchObject({ kind: "own", userId: user.id });
  expect(await tokens.verify(token)).toEqual(first);
  const [head = "", payload = "", mac = ""] = token.split(".");
  for (const forged of [`${head}.${payload}.${mac.slice(0, -5)}AAAAA`, `${head}.${payload}.`])
    for (let time = 0; time < 2; time++) expect(await tokens.verify(forged), forged).toBeNull();
  expect(await accessTokens({ ...settings, keys: [key("a", 2)] }, () => now).verify(token)).toBeNull();
  now += ACCESS_TOKEN_SECONDS * 1000 - 1;
  expect(await tokens.verify(token)).toEqual(first);
  now += 1;
  expect(await tokens.verify(token)).toBeNull();
});

test("what is kept makes room from the oldest on", () => {
  const kept = new Kept<number>(2);
  for (const [at, from] of ["a", "b", "c"].entries()) kept.set(from, at);
  expect([kept.get("a"), kept.get("b"), kept.get("c")]).toEqual([undefined, 1, 2]);
});

test("a ticket names its user only when we wrote it", () => {
  const [ada, eve] = [mintId("user"), mintId("user")];
  const { text, hash } = newTicket([key("a", 1)], ada);
  expect(readTicket([key("b", 2), key("a", 1)], text)).toEqual({ userId: ada, hash });
  expect(readTicket([key("a", 1)], text.replace(ada, eve))).toBeNull();
  expect(readTicket([key("b", 2)], text)).toBeNull();
  expect(text.length).toBeLessThanOrEqual(200);
});

test("the log writes allowed fields only, and blanks what looks like a credential", () => {
  const careless = { error_message: "Bearer abc.def ada@example.com rtk_1234 eyJhbGciOi.J9.x", password: "hunter2" };
  const line = logLine("error", "defect", careless, "now");
  expect(JSON.parse(line)).toEqual({
    at: "now",
    level: "error",
    event: "defect",
    error_message: "[hidden] [hidden] [hidden] [hidden]",
  });
});

test("a refresh token is judged by its own state, its successor's, and the grace", () => {
  const token = { expiresAt: 100_000, familyRevoked: false, spentAt: 1_000, successor: { spent: false } };
  expect(judgeRefresh(token, 1_000 + REFRESH_GRACE_MS)).toBe("rotate");
  expect(judgeRefresh(token, 1_001 + REFRESH_GRACE_MS)).toBe("reused");
  expect(judgeRefresh({ ...token, successor: { spent: true } }, 1_000)).toBe("reused");
  expect(judgeRefresh({ ...token, familyRevoked: true }, 1_000)).toBe("invalid");
  expect(judgeRefresh(token, 100_000)).toBe("invalid");
  expect(judgeRefresh(null, 0)).toBe("invalid");
});

test("the starter agents fit the contract of agents", () => {
  expect(STARTER_PACK.map((agent) => AgentConfig.parse(agent))).toEqual(STARTER_PACK);
  expect(STARTER_PACK.map(({ name }) => name)).toEqual(["Architect", "Orchestrator", "CodeAssistant", "DataAnalyst"]);
});

test("a message reaches the agent it names, whatever the case and the punctuation", () => {
  const home = { userId: mintId("user"), projectId: mintId("project") };
  const roster = STARTER_PACK.map((config) => newAgentRecord(config, home, mintId("agent", keyOf(home.projectId)), 0));
  const target = (content: string, target_agent?: string) => {
    const found = resolveTarget({ content, target_agent }, roster);
    return found.ok ? found.value.name : found.refusal.code;
  };
  for (const content of [
    "@codeassistant hi",
    "  @CodeAssistant, hi",
    "@CodeAssistant: hi",
    "@CODEASSISTANT",
    "@CodeAssistant- hi",
  ]) {
    expect(target(content), content).toBe("CodeAssistant");
  }
  const architect = roster[0];
  for (const ref of ["architect", architect?.id, architect?.handle])
    expect(target("@CodeAssistant hi", ref)).toBe("Architect");
  expect(target("@Nobody hi")).toBe("unknown_agent");
  expect(target("hi @CodeAssistant")).toBe("no_target_agent");
  expect(target("mail me at me@example.com")).toBe("no_target_agent");
});

test("a message to nobody, or to somebody who is not there, is told the names there are", () => {
  const home = { userId: mintId("user"), projectId: mintId("project") };
  const roster = STARTER_PACK.map((config) => newAgentRecord(config, home, mintId("agent", keyOf(home.projectId)), 0));
  const agents = STARTER_PACK.map(({ name }) => name);
  for (const content of ["hello", "@Nobody hello"]) {
    expect(resolveTarget({ content }, roster), content).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringContaining(agents.join(", ")), extra: { agents } },
    });
    expect(resolveTarget({ content }, []), content).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringContaining("there are: none"), extra: { agents: [] } },
    });
  }
});

test("a wish to wait is read out of Prefer, and never exceeds a minute", () => {
  expect(preferredWait(undefined)).toBeNull();
  expect(preferredWait("respond-async")).toBeNull();
  expect(preferredWait("respond-async, wait=5")).toBe(5);
  expect(preferredWait("wait=0")).toBe(0);
  expect(preferredWait("wait=600")).toBe(60);
  expect(preferredWait("wait=soon")).toBeNull();
});
