import { randomUUID } from "node:crypto";
import type { Capabilities } from "../../src/sandbox/capabilities.ts";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import type { Outside } from "./outside.ts";

/** What all laws of one run work with. */
export type Stage = {
  readonly provider: SandboxProvider;
  /** A second object of the same provider, as another process of the same operator would have. */
  readonly another: SandboxProvider;
  readonly capabilities: Capabilities;
  /** The servers and names that a sandbox of this provider may be allowed to reach. */
  readonly outside: Outside;
  /** Every sandbox of this run has them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Has another process make a sandbox, write "kept" to `/workspace/kept`, start a command, and die. Gives its id. */
  abandon(spec: SandboxSpec): Promise<string>;
  /** The processor time that the sandbox has taken so far, seen from the host. */
  processorMs(id: string): Promise<number>;
};

/** What one law works with. */
export type Context = Stage & {
  /** A path in the workspace that only this law uses; nothing is there yet. */
  readonly folder: string;
  /** A sandbox that other laws use too: to be left as it was, but for the law's own folder. */
  shared(): Promise<Sandbox>;
  /** One for this law alone, destroyed after it. */
  create(changes?: Partial<SandboxSpec>): Promise<Sandbox>;
  /** The spec of `create`, for laws that call the provider themselves. */
  spec(changes?: Partial<SandboxSpec>): SandboxSpec;
};

const SPEC: Omit<SandboxSpec, "labels"> = {
  image: "node",
  limits: { cpus: 2, memoryMiB: 768, pids: 256, workspaceMiB: 128 },
  maxLifetimeMs: 10 * 60_000,
  egress: { mode: "none" },
  layers: [],
};

/** Keeps the sandbox that laws share, and makes another when a law has spoiled it. */
export type SharedSandbox = AsyncDisposable & {
  get(): Promise<Sandbox>;
  /** After a law: closes the network again. */
  tidy(): Promise<void>;
  /** After a law that failed: nobody knows in which state it is. */
  drop(): Promise<void>;
};

export function shareSandbox({ provider, labels }: Stage): SharedSandbox {
  let sandbox: Sandbox | undefined;
  const drop = async () => {
    const spoiled = sandbox;
    sandbox = undefined;
    await spoiled?.destroy();
  };
  return {
    async get() {
      if (sandbox?.lost.aborted) await drop();
      sandbox ??= await provider.create({ ...SPEC, labels });
      return sandbox;
    },
    async tidy() {
      if (sandbox?.lost.aborted === false) await sandbox.setEgress({ mode: "none" });
    },
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

/** Calls `body` with a context of its own, and destroys what it made. */
export async function withContext(
  stage: Stage,
  shared: SharedSandbox,
  body: (context: Context) => Promise<void>,
): Promise<void> {
  const id = randomUUID();
  const own: Sandbox[] = [];
  const spec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
    ...SPEC,
    ...changes,
    labels: { ...changes.labels, ...stage.labels },
  });
  const context: Context = {
    ...stage,
    folder: `/workspace/law-${id}`,
    shared: () => shared.get(),
    spec,
    async create(changes) {
      const sandbox = await stage.provider.create(spec(changes));
      own.push(sandbox);
      return sandbox;
    },
  };
  try {
    await body(context);
  } finally {
    await Promise.all(own.map((sandbox) => sandbox.destroy()));
  }
}
