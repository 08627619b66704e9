// What went wrong, as it is told to a person: always with what to do next, never in somebody else's HTML.
import { expect, it } from "vitest";
import { ApiError, errorOf, NoAnswer } from "#client/sdk/api-error.ts";
import { explain } from "#web/app/explain.ts";
import { NewVersion } from "#web/app/new-version.ts";

const refusal = (code: string, status: number) =>
  new ApiError({ type: "about:blank", title: "No", status, code, request_id: "req-1" });
const page = (status: number) =>
  errorOf(new Response("<html><h1>Bad gateway</h1></html>", { status, statusText: "Bad Gateway" }));

it("tells a server that is away from an answer that is not its own", () => {
  expect(explain(new NoAnswer("away", { cause: new Error("ECONNREFUSED") }))).toMatchObject({
    title: "The server cannot be reached",
    reference: null,
  });
  expect(explain(new NoAnswer("/x gave an answer that is not JSON"))).toMatchObject({
    title: "The answer is not one this page understands",
    next: expect.stringContaining("Reload the page"),
    reference: "/x gave an answer that is not JSON",
  });
});

it("says of a piece that is gone that there is a new version, and not that the server is away", () => {
  expect(explain(new NewVersion("gone", { cause: new TypeError("Failed to fetch") }))).toMatchObject({
    title: "There is a new version of this console",
    next: expect.stringContaining("Reload"),
    isFinal: false,
  });
});

it("shows nothing of a page that somebody else answered with, and says what to do", async () => {
  const { title, next } = explain(await page(502));
  expect(title).toBe("The server answered 502 Bad Gateway");
  expect(next).toMatch(/^Try again\./);
});

it.each([
  ["not_found", 404, true],
  ["isolation_violation", 403, true],
  ["invalid_request", 422, true],
  ["rate_limited", 429, false],
  ["internal", 500, false],
])("asks again after %s (%i) only where that can help", (code, status, isFinal) => {
  const told = explain(refusal(code, status));
  expect(told.isFinal).toBe(isFinal);
  expect(told.next).not.toBe("");
});
