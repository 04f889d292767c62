import { expect, test } from "vitest";
import { untilGreeted } from "../../../../src/sandbox/wire-host/greeting.ts";

const never = new Promise<never>(() => {});
const silent = { ready: never, closed: never };

test("who has left before the greeting is waited for isn't kept waiting", async () => {
  const left = untilGreeted(silent, () => "", AbortSignal.abort());
  await expect(left).rejects.toMatchObject({ kind: "cancelled" });
});

test("a guest that ends instead of greeting is quoted", async () => {
  const closed = Promise.resolve("The guest's stream ended.");
  const ended = untilGreeted({ ready: never, closed }, () => "out of memory", undefined);
  await expect(ended).rejects.toThrow("The guest's stream ended. out of memory");
});
