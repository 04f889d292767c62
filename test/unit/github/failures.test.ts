import { describe, expect, it } from "vitest";
import { toFailure } from "../../../src/errors.ts";
import { clockHint, gitHubFailure, retryAfterSeconds } from "../../../src/github/failures.ts";

const answer = (status: number, message: string, headers: Record<string, string> = {}) =>
  Object.assign(new Error(message), { status, response: { headers } });

describe("gitHubFailure", () => {
  it.each([
    [401, "Bad credentials", {}, "not-permitted"],
    [403, "Resource not accessible by integration", {}, "not-permitted"],
    [403, "API rate limit exceeded", { "x-ratelimit-remaining": "0" }, "unavailable"],
    [403, "You have exceeded a secondary rate limit", {}, "unavailable"],
    [403, "Slow down", { "retry-after": "60" }, "unavailable"],
    [404, "Not Found", {}, "not-permitted"],
    [410, "Issues are disabled for this repo", {}, "not-permitted"],
    [422, "Validation Failed: head sha can't be blank", {}, "invalid-request"],
    [429, "Too many", {}, "unavailable"],
    [451, "Blocked", {}, "not-permitted"],
    [500, "fetch failed", {}, "unavailable"],
    [502, "<html><style>b{}</style><h1>Bad\nGateway</h1></html>", {}, "unavailable"],
  ])("%i %s %o is %4$s and quotes the reason", (status, message, headers, kind) => {
    const failure = toFailure(gitHubFailure(answer(status, message, { ...headers }), "do it"));
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(message.startsWith("<") ? '"Bad Gateway"' : `"${message}"`);
  });

  it("quotes no token and no novel", () => {
    const said = `ghs_${"x".repeat(40)} ${"long ".repeat(1000)}`;
    const { message } = toFailure(gitHubFailure(answer(403, said), "do it"));
    expect(message).toContain("[redacted]");
    expect(message.length).toBeLessThan(500);
  });

  it("leaves a bug a bug", () => {
    const bug = new TypeError("no such function");
    expect(gitHubFailure(bug, "do it")).toBe(bug);
  });
});

describe("retryAfterSeconds", () => {
  it("reads both ways in which GitHub asks to wait", () => {
    expect(retryAfterSeconds(answer(403, "", { "retry-after": "7" }), 0)).toBe(7);
    const used = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "100" };
    expect(retryAfterSeconds(answer(403, "", used), 90_000)).toBe(11);
    expect(retryAfterSeconds(answer(502, ""), 0)).toBeUndefined();
  });
});

describe("clockHint", () => {
  const rejected = answer(401, "", { date: "Mon, 23 Nov 2026 05:00:00 GMT" });
  it.each([
    ["2026-11-23T04:53:00Z", /420 seconds behind GitHub's: set it right/],
    ["2026-11-23T05:07:00Z", /420 seconds ahead of/],
    ["2026-11-23T05:00:05Z", /^$/],
  ])("at %s", (now, hint) => {
    expect(clockHint(rejected, Date.parse(now))).toMatch(hint);
  });
});
