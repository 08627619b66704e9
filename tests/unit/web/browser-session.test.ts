// Several tabs of one browser and one server that rotates: whatever they do at once, nobody is signed out by it, and no tab
// shows one person's things with another's token.
import { describe, expect, it } from "vitest";
import { ApiError, NoAnswer } from "#client/sdk/api-error.ts";
import type { IssuedTokens } from "#schema/api/accounts.ts";
import { BrowserSession, subjectOf, type TabNotice } from "#web/session/browser-session.ts";

const LIFE_S = 900;
const jwt = (sub: string, n: number): string => `h.${btoa(JSON.stringify({ sub, n }))}.s`;

/** A browser: one cookie, one lock, one channel, any number of tabs. */
const makeBrowser = () => {
  let now = 1_000_000;
  let queue: Promise<unknown> = Promise.resolve();
  let asked = 0;
  let answer: () => Promise<IssuedTokens> = () => Promise.reject(refusal(401));
  let remembered = false;
  const tabs: BrowserSession[] = [];
  const issue = (sub: string): IssuedTokens => ({
    access_token: jwt(sub, asked),
    expires_at: now / 1000 + LIFE_S,
    token_type: "Bearer",
  });
  const open = (): BrowserSession => {
    const tab: BrowserSession = new BrowserSession({
      renew: () => {
        asked += 1;
        return answer();
      },
      alone: <T>(work: () => Promise<T>) => {
        const turn = queue.then(work, work);
        queue = turn.catch(() => {});
        return turn;
      },
      tell: (notice: TabNotice) => {
        for (const other of tabs) if (other !== tab) other.heard(notice);
      },
      memory: {
        get: () => remembered,
        set: (signedIn) => {
          remembered = signedIn;
        },
      },
      now: () => now,
    });
    tabs.push(tab);
    return tab;
  };
  return {
    open,
    issue,
    asked: () => asked,
    remembered: () => remembered,
    pass: (ms: number) => {
      now += ms;
    },
    is: (sub: string) => {
      remembered = true;
      answer = () => Promise.resolve(issue(sub));
    },
    answers: (next: () => Promise<IssuedTokens>) => {
      answer = next;
    },
  };
};

const refusal = (status: number) =>
  new ApiError({ type: "", title: "No", status, code: "refresh_invalid", request_id: "r" });

const twoTabs = async (browser: ReturnType<typeof makeBrowser>) => {
  const tabs = [browser.open(), browser.open()] as const;
  for (const tab of tabs) await tab.begin();
  return tabs;
};

describe("a tab", () => {
  it("of a browser that was never signed in asks nothing of the server", async () => {
    const browser = makeBrowser();
    expect(await browser.open().begin()).toBe("out");
    expect(browser.asked()).toBe(0);
  });

  it("comes back signed in after a reload", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const tab = browser.open();
    expect(await tab.begin()).toBe("in");
    expect(subjectOf((await tab.token()) ?? "")).toBe("ada");
  });

  it("renews before the token runs out, once for everybody who asks at that moment", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const tab = browser.open();
    await tab.begin();
    browser.pass((LIFE_S - 30) * 1000);
    const tokens = await Promise.all(Array.from({ length: 5 }, () => tab.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(browser.asked()).toBe(2);
  });

  it("is signed out by a clear no, and not by a server that is away", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const tab = browser.open();
    await tab.begin();
    browser.pass(LIFE_S * 1000);
    browser.answers(() => Promise.reject(new NoAnswer("away")));
    await expect(tab.token()).rejects.toThrow("away");
    expect([tab.state(), browser.remembered()]).toEqual(["in", true]);
    browser.answers(() => Promise.reject(refusal(401)));
    expect(await tab.token()).toBeNull();
    expect([tab.state(), browser.remembered()]).toEqual(["out", false]);
  });
});

describe("several tabs", () => {
  it("that find their token refused at once rotate once, and all go on with the same new one", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const tabs = [browser.open(), browser.open(), browser.open()];
    for (const tab of tabs) await tab.begin();
    const before = (await tabs[0]?.token()) ?? "";
    const asked = browser.asked();
    const renewed = await Promise.all(tabs.map((tab) => tab.renew(before)));
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(before);
    expect(browser.asked()).toBe(asked + 1);
  });

  it("sign out together", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const [here, there] = await twoTabs(browser);
    here.left();
    expect([here.state(), there.state()]).toEqual(["out", "out"]);
    expect(await there.token()).toBeNull();
  });

  it("sign in together: the one that waited at the door is let in too", async () => {
    const browser = makeBrowser();
    const [here, there] = await twoTabs(browser);
    here.entered(browser.issue("ada"));
    expect(there.state()).toBe("in");
  });

  it("never go on as somebody else: a tab whose browser became another person's shows nothing more and has no token", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const [here, there] = await twoTabs(browser);
    here.left();
    there.entered(browser.issue("ada"));
    here.entered(browser.issue("eve"));
    expect(there.state()).toBe("other");
    expect(await there.token()).toBeNull();
  });

  it("notice it when they renew, too", async () => {
    const browser = makeBrowser();
    browser.is("ada");
    const tab = browser.open();
    await tab.begin();
    browser.is("eve");
    browser.pass(LIFE_S * 1000);
    expect(await tab.token()).toBeNull();
    expect(tab.state()).toBe("other");
  });
});
