import { expect, it } from "vitest";
import { inParallel } from "../../../../src/evidence/runs/in-parallel.ts";

const { signal } = new AbortController();

it("gives results in the order of the tasks, whichever ends first", async () => {
  const first = Promise.withResolvers<string>();
  const results = inParallel(
    [
      () => first.promise,
      async () => {
        first.resolve("a");
        return "b";
      },
    ],
    { atOnce: 2, signal },
  );
  expect(await results).toEqual(["a", "b"]);
});

it.each([1, 2, 3])("runs at most %i at a time", async (atOnce) => {
  let running = 0;
  let most = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
  };
  await inParallel(
    Array.from({ length: 6 }, () => task),
    { atOnce, signal },
  );
  expect(most).toBe(atOnce);
});

it("stops the others when one fails, waits for them and starts no more", async () => {
  const events: string[] = [];
  const waits = (itsSignal: AbortSignal) =>
    new Promise<void>((resolve) => {
      itsSignal.addEventListener("abort", () => {
        events.push("stopped");
        setImmediate(() => {
          events.push("cleared up");
          resolve();
        });
      });
    });
  const fails = async () => {
    throw new Error("no");
  };
  const never = async () => void events.push("started");
  await expect(inParallel([waits, fails, never], { atOnce: 2, signal })).rejects.toThrow("no");
  expect(events).toEqual(["stopped", "cleared up"]);
});

it("passes the caller's stop on", async () => {
  const stop = new AbortController();
  const task = (itsSignal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      itsSignal.addEventListener("abort", () => reject(itsSignal.reason));
    });
  const running = inParallel([task], { atOnce: 1, signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
});
