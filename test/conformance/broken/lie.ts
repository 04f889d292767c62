import type {
  ExecOptions,
  ExecResult,
  Sandbox,
  SandboxProvider,
} from "../../../src/sandbox/sandbox.ts";
import type { Stage } from "../context.ts";
import { EGRESS_CLIENT } from "../egress-client.ts";
import { PROBE_NAME } from "../shell.ts";

/** Makes an honest stage a broken one, in one respect. */
export type Lie = (stage: Stage) => Stage;

/** By the promise that is broken. */
export type Lies = Readonly<Record<string, Lie>>;

type Exec = Sandbox["exec"];
type Argv = readonly string[];

/** Both of the stage's providers are changed. */
export function providers(
  change: (provider: SandboxProvider, stage: Stage) => Partial<SandboxProvider>,
): Lie {
  return (stage) => {
    const lying = (provider: SandboxProvider) => altered(provider, change(provider, stage));
    return { ...stage, provider: lying(stage.provider), another: lying(stage.another) };
  };
}

/** Every sandbox is changed, however it was made. */
export function sandboxes(change: (sandbox: Sandbox) => Partial<Sandbox>): Lie {
  const lying = (sandbox: Sandbox): Sandbox => {
    const fork = async () => lying(await sandbox.fork());
    const changes = change(sandbox);
    return altered(sandbox, { fork, ...changes });
  };
  return providers((provider) => ({
    create: async (...args) => lying(await provider.create(...args)),
    connect: async (id) => lying(await provider.connect(id)),
  }));
}

export function commands(
  change: (exec: Exec, argv: Argv, options: ExecOptions, sandbox: Sandbox) => Promise<ExecResult>,
): Lie {
  return sandboxes((sandbox) => {
    const exec: Exec = (argv, options) => sandbox.exec(argv, options);
    return { exec: (argv, options) => change(exec, argv, options, sandbox) };
  });
}

/** What commands ended with is reported wrongly. */
export function results(
  change: (result: ExecResult, argv: Argv, options: ExecOptions) => Partial<ExecResult>,
): Lie {
  return commands(async (exec, argv, options) => {
    const result = await exec(argv, options);
    return { ...result, ...change(result, argv, options) };
  });
}

/** What the caller asks for is changed on its way. */
export function options(change: (options: ExecOptions, argv: Argv) => Partial<ExecOptions>): Lie {
  return commands((exec, argv, given) => exec(argv, { ...given, ...change(given, argv) }));
}

/** Scripts are changed before they run. */
export function scripts(change: (script: string) => string): Lie {
  return commands((exec, argv, given) =>
    exec(
      argv.map((text, index) => (index === 2 && argv[1] === "-c" ? change(text) : text)),
      given,
    ),
  );
}

/** A wall is missing: a script that tries to do harm, and has `fragment` in it, finds `found`. */
export function missingWall(fragment: string, found: string): Lie {
  return results(({ stdout }, argv) => {
    const isIt = argv[3] === PROBE_NAME && argv[2]?.includes(fragment);
    return isIt ? { stdout: Buffer.concat([Buffer.from(found), stdout]) } : {};
  });
}

/** What came of an attempt to get out of the sandbox is another thing. */
export function wayOut(change: (said: string, index: number) => string): Lie {
  return results(({ stdout }, argv) => {
    if (argv[2] !== EGRESS_CLIENT) return {};
    const lines = Buffer.from(stdout).toString().trim().split("\n");
    const said = lines.map((line, index) => change(String(JSON.parse(line)), index));
    return { stdout: Buffer.from(`${said.map((line) => JSON.stringify(line)).join("\n")}\n`) };
  });
}

/** `target` as it is, but for `changes`. */
export function altered<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in changes) return Reflect.get(changes, name);
      const value: unknown = Reflect.get(target, name, target);
      // `await using` takes no bound function.
      return typeof value === "function"
        ? (...args: unknown[]) => Reflect.apply(value, target, args)
        : value;
    },
  });
}
