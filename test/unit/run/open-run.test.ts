import { expect, it } from "vitest";
import { fakeJournal } from "../../fakes/journal.ts";
import { openTestRun } from "../../fakes/open-run.ts";

const MINUTE_MS = 60_000;

it("gives a run that is taken up later the time that it had left", async () => {
  const { limits } = (await openTestRun()).run.ports;
  const journal = fakeJournal();
  const journals = { open: async () => journal };
  let nowMs = 0;
  let deadlineMs = () => 0;
  const open = () =>
    openTestRun({
      journals,
      limits: { ...limits, durationMs: 45 * MINUTE_MS },
      now: () => nowMs,
      watch: (_id, deadline) => {
        deadlineMs = deadline;
        return { signal: new AbortController().signal, [Symbol.dispose]: () => {} };
      },
    });
  const work = async () => {
    nowMs += 10 * MINUTE_MS;
  };
  const { run } = await open();
  expect(deadlineMs()).toBe(45 * MINUTE_MS);
  await run.step("turn-1", "turns", work);

  nowMs = 600 * MINUTE_MS;
  const { run: later } = await open();
  await later.step("turn-1", "turns", work);
  expect(deadlineMs()).toBe((600 + 35) * MINUTE_MS);
});
