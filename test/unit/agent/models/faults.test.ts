import { inspect } from "node:util";
import { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { BadAnswer } from "../../../../src/agent/models/chat-wire.ts";
import { classify } from "../../../../src/agent/models/faults.ts";

const SECRET = "sk-canary-1234567890";
const fault = (error: unknown) => classify(error, "models.test", SECRET, 0);
const refused = (status: number, error: object, headers: Record<string, string> = {}) =>
  APIError.generate(status, { error }, undefined, new Headers(headers));

describe("a failed attempt", () => {
  it.each([
    [429, { code: "insufficient_quota", message: "You exceeded your current quota." }],
    [402, { message: "Payment required." }],
    [403, { message: "Your credit balance is too low." }],
  ])(
    "with status %i for want of funds is over at once: waiting brings no money",
    (status, error) => {
      expect(fault(refused(status, error))).toMatchObject({
        kind: "fatal",
        failure: { kind: "limit-reached", code: "model-quota" },
      });
    },
  );

  it.each([429, 500, 503, 408])("with status %i is tried again", (status) => {
    expect(fault(refused(status, { message: "Slow down." }))).toMatchObject({ kind: "transient" });
  });

  it("is tried again when the server says so", () => {
    const asked = refused(429, { message: "Slow down." }, { "retry-after": "7" });
    expect(fault(asked)).toMatchObject({ kind: "transient", waitMs: 7_000 });
  });

  it("that broke off is tried again", () => {
    expect(fault(new BadAnswer("its answer broke off"))).toMatchObject({ kind: "transient" });
  });

  it.each([
    [401, "model-credentials"],
    [404, "model-not-found"],
    [400, "model-request"],
  ])("with status %i is the operator's to mend (%s)", (status, code) => {
    expect(fault(refused(status, { message: "No." }))).toMatchObject({
      kind: "fatal",
      failure: { kind: "invalid-request", code },
    });
  });

  it("for a conversation that is too long is a limit", () => {
    const error = { message: "This model's maximum context length is 128000 tokens." };
    expect(fault(refused(400, error))).toMatchObject({ failure: { code: "context" } });
  });

  it("never repeats the key", () => {
    const error = { message: `Incorrect key: ${SECRET}` };
    const found = inspect(fault(refused(401, error)), { depth: 10 });
    expect(found).toContain("Incorrect key: [key]");
    expect(found).not.toContain(SECRET);
  });
});
