import { describe, expect, it } from "vitest";
import type { Steps } from "../../../src/engine/engine.ts";
import { Failure } from "../../../src/errors.ts";
import { durableSteps, type StepEvent } from "../../../src/run/durable.ts";
import { fakeJournal } from "../../fakes/journal.ts";

/** Remembers finished steps like the engine does; `finished` can outlive a "process". */
function stepsOn(finished: Map<string, unknown>, shutdown = new AbortController()): Steps {
  return {
    id: "w",
    async step(name, body) {
      if (!finished.has(name)) finished.set(name, await body(shutdown.signal));
      return finished.get(name) as never;
    },
  };
}

const work = { phase: "turns" };
const nothing = () => {};

describe("a durable step", () => {
  it("gives a process that takes over what the first one stored, without running the body again", async () => {
    const finished = new Map<string, unknown>();
    const journal = fakeJournal();
    const first = durableSteps(stepsOn(finished), journal, () => 5, nothing);
    await first("a", work, async () => ({ answer: 42 }));
    const second = durableSteps(stepsOn(finished), journal, () => 9, nothing);
    const again = await second("a", work, async () => {
      throw new Error("must not run");
    });
    expect(again).toEqual({ answer: 42 });
  });

  it("takes a result from the journal that the engine doesn't know yet: the crash came between the two", async () => {
    const journal = fakeJournal();
    const first = durableSteps(stepsOn(new Map()), journal, () => 5, nothing);
    await first("model", work, async () => "paid answer");
    const second = durableSteps(stepsOn(new Map()), journal, () => 9, nothing);
    const again = await second("model", work, async () => {
      throw new Error("must not ask twice");
    });
    expect(again).toBe("paid answer");
    expect(journal.entries).toHaveLength(1);
  });

  it("replays a Failure with its kind, code and details", async () => {
    const finished = new Map<string, unknown>();
    const journal = fakeJournal();
    const failure = new Failure("limit-reached", "cost", "Too dear.", { details: { usd: 3 } });
    const run = () => durableSteps(stepsOn(finished), journal, () => 1, nothing);
    const fail = () => Promise.reject(failure);
    await expect(run()("a", work, fail)).rejects.toMatchObject({ code: "cost" });
    await expect(run()("a", work, async () => "other")).rejects.toMatchObject({
      kind: "limit-reached",
      code: "cost",
      message: "Too dear.",
      details: { usd: 3 },
    });
  });

  it("records nothing when the process stops, so that the next start runs it", async () => {
    const shutdown = new AbortController();
    const journal = fakeJournal();
    const step = durableSteps(stepsOn(new Map(), shutdown), journal, () => 1, nothing);
    const stopping = step("a", work, async () => {
      shutdown.abort();
      throw new Error("torn down");
    });
    await expect(stopping).rejects.toThrow("torn down");
    expect(journal.entries).toEqual([]);
  });

  it("ends with the reason of a stop, and doesn't begin after one", async () => {
    const stop = new AbortController();
    const reason = new Failure("cancelled", "by-person", "ada asked to stop.");
    const step = durableSteps(stepsOn(new Map()), fakeJournal(), () => 1, nothing);
    const options = { phase: "turns", signal: stop.signal };
    const aborted = step("a", options, async (signal) => {
      stop.abort(reason);
      signal.throwIfAborted();
    });
    await expect(aborted).rejects.toMatchObject({ kind: "cancelled", code: "by-person" });
    let ran = false;
    const late = step("b", options, async () => {
      ran = true;
    });
    await expect(late).rejects.toMatchObject({ kind: "cancelled" });
    expect(ran).toBe(false);
  });

  it("says what it does and how long it took, for a replayed step the first duration", async () => {
    const finished = new Map<string, unknown>();
    const journal = fakeJournal();
    const events: StepEvent[] = [];
    let now = 0;
    const clock = () => {
      now += 10;
      return now;
    };
    const run = () =>
      durableSteps(stepsOn(finished), journal, clock, (event) => events.push(event));
    await run()("a", work, async () => null);
    await run()("a", work, async () => null);
    expect(events).toEqual([
      { step: "a", phase: "turns", state: "started", ms: 0 },
      { step: "a", phase: "turns", state: "ended", ms: 10 },
      { step: "a", phase: "turns", state: "replayed", ms: 10 },
    ]);
  });
});
