import { once } from "node:events";
import { expect, it } from "vitest";
import { startDeadline } from "../../../../src/agent/models/deadline.ts";

const caller = () => new AbortController();
const LONG_MS = 3_600_000;

it("ends an attempt that has gone silent", async () => {
  using deadline = startDeadline(caller().signal, { idleMs: 5, wallMs: 2_000 });
  await once(deadline.signal, "abort");
  expect(deadline.cause).toBe("idle");
});

it("ends an attempt that takes too long, however lively", async () => {
  using deadline = startDeadline(caller().signal, { idleMs: 2_000, wallMs: 5 });
  await once(deadline.signal, "abort");
  expect(deadline.cause).toBe("wall");
});

it("ends an attempt with its caller, also one that had stopped before", async () => {
  const stop = caller();
  using deadline = startDeadline(stop.signal, { idleMs: LONG_MS, wallMs: LONG_MS });
  const work = deadline.race(new Promise(() => {}));
  stop.abort();
  await expect(work).rejects.toThrow("caller");
  using late = startDeadline(stop.signal, { idleMs: LONG_MS, wallMs: LONG_MS });
  expect([late.signal.aborted, late.cause]).toEqual([true, "caller"]);
});
