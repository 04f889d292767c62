import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DockerProvider } from "../../src/sandbox/providers/docker/docker-provider.ts";
import { reap } from "../../src/sandbox/reaper.ts";
import { type DisposableEngine, until } from "../integration/disposable-engine.ts";
import { providerFor, SPEC, sh } from "../integration/sandbox-fixture.ts";
import { heldBelow } from "../integration/state-folder.ts";
import type { Crowd } from "./sandbox-crowd.ts";

export type Round = {
  readonly runtime: string;
  readonly sandboxes: number;
  /** After so many sandboxes the process that makes them is killed. */
  readonly killAfter: number;
  /** When the daemon is killed and started again, if at all. */
  readonly restart?: "before-the-process" | "after-the-process";
};

/** All that is still there of a round's sandboxes; each list is empty when all is well. */
export type Left = {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly held: readonly string[];
  readonly places: readonly string[];
  readonly onRecord: readonly string[];
};

/** What this process uses; grows for good only when something is never given back. */
export type Usage = {
  readonly descriptors: number;
  /** All of its memory; the allocator gives back late what a busy time has taken. */
  readonly memoryMiB: number;
  /** What is still reachable in it. */
  readonly heldMiB: number;
};

/** A process makes and uses sandboxes and is killed among them; its successor clears away and does some work itself. */
export function startRounds(engine: DisposableEngine, stateFolder: string) {
  const owner = randomUUID();
  const providers = new Map<string, DockerProvider>();

  /** One for all rounds, as a Dunlin that isn't killed has. */
  function providerOf(runtime: string): DockerProvider {
    const labels = { owner, process: "next" };
    const provider =
      providers.get(runtime) ?? providerFor(runtime, { env: engine.env, stateFolder, labels });
    providers.set(runtime, provider);
    return provider;
  }

  async function makeAndKill({ runtime, sandboxes, killAfter, restart }: Round): Promise<void> {
    const crowd: Crowd = {
      dockerHost: engine.env.DOCKER_HOST,
      runtime,
      stateFolder,
      owner,
      count: sandboxes,
    };
    const file = join(import.meta.dirname, "sandbox-crowd.ts");
    const child = spawn(process.execPath, [file, JSON.stringify(crowd)], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = once(child, "exit");
    let seen = 0;
    for await (const line of createInterface(child.stdout)) {
      seen += 1;
      if (line === "done" || seen >= killAfter) break;
    }
    if (restart === "before-the-process") await engine.kill();
    child.kill("SIGKILL");
    await ended;
    if (restart === "after-the-process") await engine.kill();
    if (restart !== undefined) await engine.start();
  }

  async function clear(runtime: string): Promise<void> {
    const provider = providerOf(runtime);
    await using sandbox = await provider.create(SPEC);
    const living = { owner, processes: new Set(["next"]), runs: new Set<string>() };
    await reap(provider, Date.now(), living);
    await provider.sweepOrphans();
    await sh(sandbox, "echo still at work");
  }

  async function left(): Promise<Left> {
    const { docker } = engine;
    const { Volumes } = await docker.listVolumes();
    const engines = await namesIn(join(stateFolder, "containers"));
    const records = engines.map((name) => namesIn(join(stateFolder, "containers", name)));
    return {
      containers: (await docker.listContainers({ all: true })).map(({ Id }) => Id),
      volumes: (Volumes ?? []).map(({ Name }) => Name),
      processes: await engine.processes(),
      mounts: await engine.mounts(),
      // The folder itself is mounted as long as a provider uses it.
      held: (await heldBelow(stateFolder)).filter((path) => path !== stateFolder),
      places: await namesIn(join(stateFolder, "kept/places")),
      onRecord: (await Promise.all(records)).flat(),
    };
  }

  return {
    async run(round: Round): Promise<void> {
      await makeAndKill(round);
      await clear(round.runtime);
    },
    /** Waits for what ends by itself; gives what doesn't. */
    async leftInTheEnd(): Promise<Left> {
      let last = await left();
      const isClean = async () => {
        last = await left();
        return Object.values(last).every((list) => list.length === 0);
      };
      await until(isClean).catch(() => {});
      return last;
    },
  };
}

export async function usage(): Promise<Usage> {
  await collectGarbage();
  const status = await readFile("/proc/self/status", "utf8");
  const rssKib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  const { heapUsed, external } = process.memoryUsage();
  return {
    descriptors: (await readdir("/proc/self/fd")).length,
    memoryMiB: rssKib / 1024,
    heldMiB: (heapUsed + external) / 1024 ** 2,
  };
}

/** Twice, with a pause for what is finalised in between. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc: () => void = runInNewContext("gc");
  gc();
  await nextTurn();
  gc();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
