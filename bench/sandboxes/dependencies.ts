import { type Finding, ratio } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import { addCache, type GetApp, install, layerOf, SEE_DEPENDENCIES, unpack } from "./app.ts";
import { openPlace, succeed, toFirstCommand } from "./place.ts";

/** Sandboxes a round, with the layer and without it. */
const CREATES = 6;
const NOISE = "It is the difference of two larger times, so a busy machine's noise is in it.";
const TAR = "It is one tar process in the sandbox, which makes one file after the other.";
/** As much work as looking for the dependencies. */
const SEE_FILES = ["/usr/bin/test", "-d", "."] as const;

/** A dependency tree mounted, and copied, against an install from npm's cache. */
export async function measureDependencies(
  runtime: string,
  rounds: number,
  getApp: GetApp,
): Promise<readonly Finding[]> {
  const app = await getApp();
  await using memory = await openPlace(runtime, { inMemory: true });
  await using pool = await openPlace(runtime, { poolSize: 1 });
  await using sandbox = await memory.create();
  await unpack(sandbox, app.files);
  await addCache(sandbox, app);
  const empty = () => succeed(sandbox, ["rm", "-rf", "node_modules"]);
  const files = layerOf(app.files);
  const layers = [layerOf(app.dependencies), files];
  const sides = {
    install: async () => {
      await empty();
      return timed(() => install(sandbox, app));
    },
    copy: async () => {
      await empty();
      return timed(() => unpack(sandbox, app.dependencies));
    },
    "with it": () => toFirstCommand(pool, { layers }, SEE_DEPENDENCIES),
    "without it": () => toFirstCommand(pool, { layers: [files] }, SEE_FILES),
  };
  const measured = await inTurns(sides, rounds, { "with it": CREATES, "without it": CREATES });
  const about = { runtime };
  const mounted =
    "what a mounted dependency tree adds to a sandbox with the app's files ÷ the tree's install from a full cache";
  const copied = "the same tree unpacked in a sandbox ÷ that install";
  return [
    ratio(
      { ...about, id: "dependencies-mount", what: mounted, reason: NOISE },
      measured,
      ["with it", "without it", "install"],
      (ms) => (ms["with it"] - ms["without it"]) / ms.install,
    ),
    ratio(
      { ...about, id: "dependencies-copy", what: copied, reason: TAR },
      measured,
      ["copy", "install"],
      (ms) => ms.copy / ms.install,
    ),
  ];
}
