import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRounds } from "../soak/sandbox-rounds.ts";
import {
  canStartEngines,
  type DisposableEngine,
  startDisposableEngine,
} from "./disposable-engine.ts";
import { docker } from "./sandbox-fixture.ts";
import { useStateFolder } from "./state-folder.ts";

const known = Object.keys((await docker.info()).Runtimes ?? {});

// The short form of the soak: a few sandboxes, one kill of their process, one of the daemon.
describe.skipIf(!canStartEngines)("after a kill of Dunlin and of the daemon", () => {
  const state = useStateFolder();
  let engine: DisposableEngine;
  beforeAll(async () => {
    engine = await startDisposableEngine();
  }, 600_000);
  afterAll(() => engine?.[Symbol.asyncDispose]());

  test.each(["runc", "runsc"].filter((name) => known.includes(name)))(
    "nothing is left of the sandboxes that were being made and used, on %s",
    async (runtime) => {
      const rounds = startRounds(engine, state.path);
      await rounds.run({ runtime, sandboxes: 6, killAfter: 4, restart: "before-the-process" });
      const left = await rounds.leftInTheEnd();
      for (const [what, list] of Object.entries(left)) expect(list, what).toEqual([]);
    },
    600_000,
  );
});
