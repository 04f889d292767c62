import { afterAll, beforeAll, expect, it } from "vitest";
import { type DisposableEngine, startDisposableEngine } from "../integration/disposable-engine.ts";
import { useStateFolder } from "../integration/state-folder.ts";
import { startRounds, type Usage, usage } from "./sandbox-rounds.ts";

const { SOAK_ROUNDS = "20", SOAK_SANDBOXES = "50" } = process.env;
const [rounds, sandboxes] = [Number(SOAK_ROUNDS), Number(SOAK_SANDBOXES)];
const RESTARTS = [undefined, "before-the-process", undefined, "after-the-process"] as const;
/** The first rounds fill caches. */
const WARM_UP_ROUNDS = 2;

const state = useStateFolder();
let engine: DisposableEngine;
beforeAll(async () => {
  engine = await startDisposableEngine();
});
afterAll(() => engine?.[Symbol.asyncDispose]());

it(`leaves nothing of ${sandboxes} sandboxes, ${rounds} times over, whatever is killed among them`, async () => {
  const all = startRounds(engine, state.path);
  let warm: Usage | undefined;
  for (let number = 0; number < rounds; number += 1) {
    const runtime = number % 2 === 0 ? "runc" : "runsc";
    const restart = RESTARTS[number % RESTARTS.length];
    const killAfter = Math.ceil((sandboxes * (1 + (number % 5))) / 5);
    const more = restart === undefined ? {} : { restart };
    await all.run({ runtime, sandboxes, killAfter, ...more });
    for (const [what, list] of Object.entries(await all.leftInTheEnd())) {
      expect(list, `${what} after round ${number} on ${runtime}`).toEqual([]);
    }
    const now = await usage();
    if (number === WARM_UP_ROUNDS) warm = now;
    process.stdout.write(`round ${number} ${runtime} ${restart ?? "-"} ${JSON.stringify(now)}\n`);
  }
  expectNoGrowth(warm, await usage());
});

function expectNoGrowth(warm: Usage | undefined, end: Usage): void {
  if (warm === undefined) throw new Error(`${rounds} rounds are too few to compare.`);
  expect(end.descriptors).toBeLessThanOrEqual(warm.descriptors + 5);
  expect(end.heldMiB).toBeLessThan(warm.heldMiB + 8);
  expect(end.memoryMiB).toBeLessThan(warm.memoryMiB + 64);
}
