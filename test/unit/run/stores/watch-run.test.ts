import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchRun } from "../../../../src/run/stores/watch-run.ts";
import { fakeLog } from "../../../fakes/log.ts";
import { fakeRunStore } from "../../../fakes/run-store.ts";

const FAR = Date.now() + 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Looks as often as a second allows. */
const aSecond = () => vi.advanceTimersByTimeAsync(1_000);

it("ends the run when a person asked to stop, before all else", async () => {
  const store = fakeRunStore();
  using watch = watchRun(store, "r", Date.now, fakeLog());
  await store.requestStop("r", "ada");
  await aSecond();
  expect(watch.signal.reason).toMatchObject({
    kind: "cancelled",
    code: "by-person",
    message: "ada asked to stop.",
  });
});

it("ends the run when its time is over", async () => {
  let looks = 0;
  const stopRequestedBy = async () => {
    looks += 1;
    return looks > 2 ? "too late" : undefined;
  };
  using watch = watchRun({ ...fakeRunStore(), stopRequestedBy }, "r", Date.now, fakeLog());
  await aSecond();
  expect(watch.signal.reason).toMatchObject({ kind: "limit-reached", code: "time" });
});

it("outlives a database that is away for a moment", async () => {
  const store = fakeRunStore();
  const log = fakeLog();
  let looks = 0;
  const flaky = {
    ...store,
    stopRequestedBy: async () => {
      looks += 1;
      if (looks === 1) throw new Error("connection lost");
      return "ada";
    },
  };
  using watch = watchRun(flaky, "r", () => FAR, log);
  await aSecond();
  expect(watch.signal.reason).toMatchObject({ code: "by-person" });
  expect(log.lines).toMatchObject([{ level: "warn", message: "watch failed" }]);
});
