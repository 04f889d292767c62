import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type Finding, ratio, time } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import {
  type App,
  addCache,
  type GetApp,
  install,
  layerOf,
  SEE_DEPENDENCIES,
  unpack,
} from "./app.ts";
import { CLAIM_COSTS, openPlace, type Place, succeed, toFirstCommand } from "./place.ts";

/** A round has this many resumptions of each kind to one cold start. */
const RESUMPTIONS = 6;

/** Going on after a person has answered, with the sandbox paused and with none kept, against starting anew. */
export async function measureResume(
  runtime: string,
  rounds: number,
  getApp: GetApp,
): Promise<readonly Finding[]> {
  const app = await getApp();
  await using place = await openPlace(runtime, { poolSize: 1 });
  await using memory = await openPlace(runtime, { inMemory: true });
  await using paused = await begin(place, app);
  const snapshot = await keep(place, app);
  const sides = {
    paused: () => resume(paused),
    kept: () => toFirstCommand(place, { snapshot }, SEE_DEPENDENCIES),
    "cold start": () => startCold(memory, app),
  };
  const measured = await inTurns(sides, rounds, { paused: RESUMPTIONS, kept: RESUMPTIONS });
  await place.provider.deleteSnapshot(snapshot);
  return (["paused", "kept"] as const).flatMap((side) => {
    const reason = side === "paused" ? "It is one call of the engine's." : CLAIM_COSTS;
    const about = { runtime, reason };
    const how = side === "paused" ? "a paused sandbox" : "a snapshot in a sandbox of the pool";
    const id = `resume-${side}`;
    const what = `${how} to its next command`;
    const started = `${what} ÷ a cold start of the same task`;
    return [
      time({ ...about, id, what }, measured, side),
      ratio(
        { ...about, id: `${id}-cold`, what: started },
        measured,
        [side, "cold start"],
        (ms) => ms[side] / ms["cold start"],
      ),
    ];
  });
}

/** The task under way: its files and dependencies are there, and it has changed something. */
async function begin(place: Place, app: App): Promise<Sandbox> {
  const sandbox = await place.create({ layers: [layerOf(app.dependencies)] });
  await unpack(sandbox, app.files);
  return sandbox;
}

/** What is left of it when it waits without a sandbox. */
async function keep(place: Place, app: App): Promise<string> {
  await using sandbox = await begin(place, app);
  return await sandbox.snapshot();
}

async function resume(sandbox: Sandbox): Promise<number> {
  await sandbox.pause();
  return timed(async () => {
    await sandbox.resume();
    await succeed(sandbox, SEE_DEPENDENCIES);
  });
}

/** A new sandbox, the repository's files, an offline install, the first command; npm's cache is brought in between. */
async function startCold(place: Place, app: App): Promise<number> {
  const startedAt = performance.now();
  await using sandbox = await place.create();
  await unpack(sandbox, app.files);
  const unpackedAt = performance.now();
  await addCache(sandbox, app);
  const installed = timed(async () => {
    await install(sandbox, app);
    await succeed(sandbox, SEE_DEPENDENCIES);
  });
  return unpackedAt - startedAt + (await installed);
}
