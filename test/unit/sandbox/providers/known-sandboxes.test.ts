import { expect, test } from "vitest";
import { knownSandboxes } from "../../../../src/sandbox/providers/known-sandboxes.ts";
import type { Sandbox } from "../../../../src/sandbox/sandbox.ts";

function fake(id: string): Sandbox & { end(): void } {
  const lost = new AbortController();
  const only = { id, lost: lost.signal, end: () => lost.abort() };
  return only as Partial<Sandbox> as Sandbox & { end(): void };
}

test("those who ask at once share one, and the next gets another when it has ended", async () => {
  const known = knownSandboxes();
  let made = 0;
  const make = async () => known.remember(fake(String(++made)));
  const [first, second] = await Promise.all([known.shared("k", make), known.shared("k", make)]);
  expect(first).toBe(second);
  expect(await known.shared("k", make)).toBe(first);
  expect(known.byId("1")).toBe(first);
  (first as ReturnType<typeof fake>).end();
  expect(known.byId("1")).toBeUndefined();
  expect((await known.shared("k", make)).id).toBe("2");
  expect((await known.shared("other", make)).id).toBe("3");
});

test("one whose making failed for somebody else is made anew", async () => {
  const known = knownSandboxes();
  const refused = known.shared("k", () => Promise.reject(new Error("cancelled")));
  const waiting = known.shared("k", async () => fake("1"));
  await expect(refused).rejects.toThrow("cancelled");
  expect((await waiting).id).toBe("1");
});
