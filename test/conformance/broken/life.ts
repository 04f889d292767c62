import { Failure } from "../../../src/errors.ts";
import type { Sandbox, SandboxSpec } from "../../../src/sandbox/sandbox.ts";
import { sh } from "../shell.ts";
import { type Lies, providers, results, sandboxes } from "./lie.ts";

const wrongInfo = (change: Partial<Awaited<ReturnType<Sandbox["info"]>>>) =>
  sandboxes((sandbox) => ({ info: async () => ({ ...(await sandbox.info()), ...change }) }));

const neverGone = providers((provider) => ({
  destroy: async (id) => {
    await provider.destroy(id);
    return "destroyed";
  },
}));

const made = (change: (spec: SandboxSpec) => SandboxSpec) =>
  providers((provider) => ({
    create: (spec, options) => provider.create(change(spec), options),
  }));

export const LIFE_LIES: Lies = {
  "A sandbox says what stands between its commands and the host, as the probe found it.": sandboxes(
    ({ isolation }) => ({ isolation: { ...isolation, weak: !isolation.weak } }),
  ),
  "A sandbox knows itself: its id, its labels, its state and its times.": wrongInfo({
    expiresAtMs: Number.POSITIVE_INFINITY,
  }),
  "Three sandboxes that are made at once are three.": providers((provider) => {
    let first: Promise<Sandbox> | undefined;
    return { create: (...args) => (first ??= provider.create(...args)) };
  }),
  "`lost` is silent while a sandbox lives, and then says `unavailable/sandbox-lost`.": sandboxes(
    () => ({ lost: new AbortController().signal }),
  ),
  "A command that runs when its sandbox is destroyed ends as `lost`, with its output.": results(
    ({ end }) => (end === "lost" ? { end: "killed" } : {}),
  ),
  "A sandbox that is gone answers: commands with `lost`, everything else with `unavailable`.":
    sandboxes((sandbox) => ({
      exec: async (argv, options) => {
        if (sandbox.lost.aborted) throw new Failure("bug", "gone", "The sandbox is gone.");
        return sandbox.exec(argv, options);
      },
    })),
  "Destroying twice, or twice at once, is destroying.": sandboxes((sandbox) => {
    let isGone = false;
    return {
      destroy: async () => {
        if (isGone) throw new Failure("bug", "gone", "The sandbox is gone.");
        isGone = true;
        await sandbox.destroy();
      },
    };
  }),
  "A sandbox goes at the end of its scope.": sandboxes(() => ({
    [Symbol.asyncDispose]: async () => {},
  })),
  "A sandbox can be destroyed by its id, and the provider says when it was gone already.":
    neverGone,
  "A sandbox can be destroyed by another process's provider, and its maker hears of it.": (
    stage,
  ) => ({
    ...stage,
    another: { ...stage.another, destroy: async () => "already-gone" },
  }),
  "When its time is over a sandbox is lost, and so is what runs in it.": results(({ end }) =>
    end === "lost" ? { end: "timeout" } : {},
  ),
  "A sandbox can be given more time, and less.": sandboxes((sandbox) => ({
    extend: async (ms) => (ms < 10_000 ? sandbox.extend(ms) : undefined),
  })),
  "A time to live that is none is refused, and so is more time for a sandbox that is gone.":
    sandboxes((sandbox) => ({ extend: (ms) => sandbox.extend(ms).catch(() => {}) })),
  "A sandbox goes with the process that made it, even one that was killed.": (stage) => ({
    ...stage,
    // It stays, with nobody to use it.
    abandon: async (spec) => {
      const sandbox = await stage.provider.create(spec);
      return sandbox.id;
    },
    provider: {
      ...stage.provider,
      list: async (labels) => {
        const found = await stage.provider.list(labels);
        if (found.some(({ state }) => state === "running")) {
          throw new Failure("bug", "still-there", "It will run for ever.");
        }
        return found;
      },
    },
  }),
  "A sandbox that nobody has can't be connected to.": providers(() => ({
    connect: async () => {
      throw new Failure("bug", "nobody", "There is nobody.");
    },
  })),
  "A sandbox that outlives its process is found again, with its files and without its commands.":
    providers((provider) => ({
      connect: async (id) => {
        const sandbox = await provider.connect(id);
        await sh(sandbox, "rm kept");
        return sandbox;
      },
    })),
  "A sandbox that outlives its process ends with its time all the same.": providers((provider) => ({
    connect: async (id) => {
      const sandbox = await provider.connect(id);
      sandbox.lost.addEventListener("abort", () => lingering.add(id));
      return sandbox;
    },
    list: async (labels) => {
      const found = await provider.list(labels);
      if (lingering.size === 0) return found;
      throw new Failure("bug", "lingers", `Still there: ${[...lingering].join()}.`);
    },
  })),
  "A sandbox that somebody has can't be connected to by another.": providers((provider) => ({
    create: async (...args) => {
      const sandbox = await provider.create(...args);
      everybodys.set(sandbox.id, sandbox);
      return sandbox;
    },
    connect: async (id) => everybodys.get(id) ?? provider.connect(id),
  })),
};

const lingering = new Set<string>();
const everybodys = new Map<string, Sandbox>();

export const MAKING_LIES: Lies = {
  "A sandbox is found by its labels, all of them, by another process too.": (stage) => ({
    ...stage,
    another: { ...stage.another, list: async () => [] },
  }),
  "Sandboxes with other labels are not listed, and one label that fits is not enough.": providers(
    // One that fits is taken for enough.
    (provider) => ({ list: ({ colour, ...labels }) => provider.list(labels) }),
  ),
  "A sandbox that is destroyed is listed no more.": sandboxes(() => ({ destroy: async () => {} })),
  "A sandbox that nobody wants any more isn't made, and leaves nothing.": providers((provider) => ({
    create: (spec) => provider.create(spec),
  })),
  "A sandbox whose layers can't be unpacked isn't made, and leaves nothing.": made((spec) => ({
    ...spec,
    layers: [],
  })),
  "A requirement that can't be met is named, before anything is made.": made(
    ({ require, ...spec }) => spec,
  ),
  "What the probe says can be done may be required.": providers((provider) => ({
    create: async (spec, options) => {
      if (spec.require === undefined) return provider.create(spec, options);
      throw new Failure("invalid-request", "requirement-not-met", "Nothing can be required.");
    },
  })),
  "What the probe says can't be done is refused with that reason, wherever it is asked for.": (
    stage,
  ) => ({ ...stage, capabilities: { ...stage.capabilities, pause: false } }),
  "A snapshot that nobody has is refused by its name, and nothing is made.": made(
    ({ snapshot, ...spec }) => spec,
  ),
  "An image that nobody has is refused, and nothing is made.": made((spec) => ({
    ...spec,
    image: "node",
  })),
  "A key stands for one sandbox: asked for again, or twice at once, it is that one.": made(
    ({ key, ...spec }) => spec,
  ),
  "A key is free again when its sandbox is gone, and another key is another sandbox.": made(
    ({ key, ...spec }) => ({ ...spec, ...(key === undefined ? {} : { key: "the same" }) }),
  ),
};
