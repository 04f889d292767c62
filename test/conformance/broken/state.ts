import { Failure } from "../../../src/errors.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { sh } from "../shell.ts";
import { altered, commands, type Lies, providers, results, sandboxes } from "./lie.ts";

const alwaysRunning = sandboxes((sandbox) => ({
  info: async () => ({ ...(await sandbox.info()), state: "running" as const }),
}));

/** A copy isn't quite what it was made of. */
const copies = (script: string) =>
  providers((provider) => ({
    create: async (spec, options) => {
      const sandbox = await provider.create(spec, options);
      if (spec.snapshot !== undefined) await sh(sandbox, script);
      return sandbox;
    },
  }));

const forks = (script: string) =>
  sandboxes((sandbox) => ({
    fork: async () => {
      const fork = await sandbox.fork();
      await sh(fork, script);
      return fork;
    },
  }));

export const STATE_LIES: Lies = {
  "Layers are there from the first command on, unpacked in their order: the last one wins.":
    providers((provider) => ({
      create: (spec, options) =>
        provider.create({ ...spec, layers: [...spec.layers].reverse() }, options),
    })),
  "What a layer brought can be changed and deleted by commands.": results((_, argv) =>
    argv[2]?.includes("echo changed > a") ? { exitCode: 1 } : {},
  ),
  "A new sandbox's workspace is empty, whatever others left in theirs.": commands(
    async (exec, argv, options) => {
      if (argv[2] === "ls -A") await exec(["touch", "/workspace/left"], options);
      return exec(argv, options);
    },
  ),
  "A paused sandbox says so, to another process too, and resumes.": (stage) => ({
    ...stage,
    another: {
      ...stage.another,
      list: async (labels) =>
        (await stage.another.list(labels)).map((one) => ({ ...one, state: "running" })),
    },
  }),
  "A pause keeps files and memory, and may be asked for twice, as may a resume.": sandboxes(
    (sandbox) => ({
      pause: async () => {
        await sh(sandbox, "rm -f /dev/shm/*");
        await sandbox.pause();
      },
    }),
  ),
  "A paused sandbox uses next to no processor time.": (stage) => ({
    ...stage,
    processorMs: async () => performance.now() / 10,
  }),
  "Every other call on a paused sandbox resumes it first.": sandboxes((sandbox) => ({
    readFile: async (...args) => {
      const found = await sandbox.readFile(...args);
      await sandbox.pause();
      return found;
    },
  })),
  "A pause waits for the command that runs.": alwaysRunning,
  "A paused sandbox ends with its time.": sandboxes((sandbox) => {
    let isPaused = false;
    return {
      pause: async () => {
        await sandbox.pause();
        isPaused = true;
      },
      extend: async (ms) => {
        if (isPaused) throw standsStill();
        return sandbox.extend(ms);
      },
    };
  }),
  "A paused sandbox can be destroyed.": sandboxes((sandbox) => ({
    destroy: async () => {
      if ((await sandbox.info()).state !== "paused") await sandbox.destroy();
    },
  })),
};

export const SNAPSHOT_LIES: Lies = {
  "A sandbox that starts from a snapshot has exactly its workspace: bytes, modes, links, deletions.":
    copies("chmod 644 tree/bytes"),
  "A snapshot keeps the moment: later changes are not in it.": copies("rm -f gone"),
  "A snapshot waits for the command that runs.": copies("echo half > file"),
  "A snapshot stays when its sandbox goes, and serves more than once.": providers((provider) => ({
    create: async (spec, options) => {
      const sandbox = await provider.create(spec, options);
      if (spec.snapshot !== undefined) await provider.deleteSnapshot(spec.snapshot);
      return sandbox;
    },
  })),
  "Another process's provider can start from a snapshot.": (stage) => ({
    ...stage,
    another: {
      ...stage.another,
      create: ({ snapshot, ...spec }, options) => stage.another.create(spec, options),
    },
  }),
  "Layers go over the snapshot that a sandbox starts from.": copies("echo old > file"),
  "A deleted snapshot can't be started from, and deleting it again is no error.": providers(() => ({
    deleteSnapshot: async () => {},
  })),
  "Sandboxes that started from a snapshot outlive it.": providers((provider) => {
    const copiesOf: Sandbox[] = [];
    return {
      create: async (spec, options) => {
        const sandbox = await provider.create(spec, options);
        if (spec.snapshot !== undefined) copiesOf.push(sandbox);
        return sandbox;
      },
      deleteSnapshot: async (name) => {
        await provider.deleteSnapshot(name);
        for (const sandbox of copiesOf) await sh(sandbox, "rm file");
      },
    };
  }),
  "A fork has exactly the workspace of what it was forked from.": forks("touch tree/gone"),
  "A fork and its origin go their own ways, and either lives without the other.": sandboxes(
    (sandbox) => ({ fork: async () => sandbox }),
  ),
  "A fork has the limits, the labels and the policy of its origin.": sandboxes((sandbox) => ({
    fork: async () => {
      const fork = await sandbox.fork();
      const info = { ...(await fork.info()), labels: {} };
      return altered(fork, { info: async () => info });
    },
  })),
  "A snapshot or a fork of a paused sandbox resumes it.": sandboxes((sandbox) => ({
    fork: async () => {
      if ((await sandbox.info()).state === "paused") throw standsStill();
      return sandbox.fork();
    },
  })),
};

function standsStill(): Failure {
  return new Failure("bug", "stands-still", "A paused sandbox does nothing.");
}
