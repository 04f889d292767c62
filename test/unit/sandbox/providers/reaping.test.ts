import { afterEach, expect, test, vi } from "vitest";
import { startReaping } from "../../../../src/sandbox/providers/reaping.ts";
import { fakeLog } from "../../../fakes/log.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("each sweep has its turn at once and every minute, whatever another one does", async () => {
  vi.useFakeTimers();
  const log = fakeLog();
  const turns: string[] = [];
  const sweeps = [
    { name: "broken", run: () => Promise.reject(new Error("engine away")) },
    {
      name: "good",
      run: async () => {
        turns.push("good");
        return turns.length === 1 ? 3 : 0;
      },
    },
  ];
  const reaping = startReaping(sweeps, log);
  await reaping.first;
  expect(turns).toHaveLength(1);
  expect(log.lines.map(({ level, facts }) => ({ level, ...facts }))).toEqual([
    { level: "warn", sweep: "broken", error: "engine away" },
    { level: "info", sweep: "good", count: 3 },
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(turns).toHaveLength(2);
  await reaping[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(turns).toHaveLength(2);
});

test("its end waits for the sweep that is under way and begins no other", async () => {
  const log = fakeLog();
  const { promise, resolve } = Promise.withResolvers<number>();
  const begun: string[] = [];
  const sweep = (name: string) => ({
    name,
    run() {
      begun.push(name);
      return promise;
    },
  });
  const reaping = startReaping([sweep("a"), sweep("b")], log);
  let isOver = false;
  const over = reaping[Symbol.asyncDispose]().then(() => {
    isOver = true;
  });
  await Promise.resolve();
  expect(isOver).toBe(false);
  resolve(0);
  await over;
  expect(begun).toEqual(["a"]);
});
