import { type Environment, readArguments, readNumber, wrongUsage } from "./arguments.ts";
import { leave, streamCommand, withInterrupt } from "./sandbox-command.ts";
import {
  BY_HAND,
  findSandbox,
  openSandboxes,
  PROVIDER_OPTIONS,
  readNet,
  requireReconnect,
} from "./sandbox-options.ts";

const DAY_MS = 86_400_000;

const RUN_HELP = `dunlin sandbox run: one command in a new sandbox, which is gone afterwards.

Usage
  dunlin sandbox run [OPTIONS] -- COMMAND...

Options
  --image NAME        One of Dunlin's images, or a reference such as debian:12 (default: the first of DUNLIN_IMAGES)
  --net HOST:PORT     What the command may reach; may be given several times. Without it there is no network
  --timeout SECONDS   End the command after this time (default: a day)
  --keep              Let the sandbox live for a day; its id goes to standard error
  --provider NAME     docker, bubblewrap or microvm (default: DUNLIN_SANDBOX)
  --runtime NAME      Docker's container runtime, instead of the best that works

Standard input, output and errors are the command's. Limits are those of the DUNLIN_ settings.

Exit codes
  the command's own, and of Dunlin's:
  124 it ran out of time   125 no sandbox, or it was lost   128+N ended by signal N   130 interrupted
  2   wrong usage, image, runtime or setting
`;

const EXEC_HELP = `dunlin sandbox exec: one more command in a sandbox made with run --keep.

Usage
  dunlin sandbox exec [--timeout SECONDS] [--provider NAME] [--runtime NAME] ID -- COMMAND...

ID is as much of the id as nothing else begins with. Exit codes are those of run.
`;

/** Resolves with the exit code. */
export async function sandboxRun(args: readonly string[], env: Environment): Promise<number> {
  const name = "sandbox run";
  const { before, argv } = splitCommand(args);
  const { values, positionals } = readArguments(name, before, {
    ...PROVIDER_OPTIONS,
    image: { type: "string" },
    net: { type: "string", multiple: true },
    timeout: { type: "string" },
    keep: { type: "boolean" },
  });
  if (values.help === true) return help(RUN_HELP);
  requireCommand(name, argv, positionals);
  const keep = values.keep === true;
  const egress = readNet(values.net ?? []);
  const timeoutMs = readTimeout(name, values.timeout);
  const privateOrigins = egress.mode === "allow" ? egress.origins : [];
  const { sandboxes, config } = openSandboxes(values, env, privateOrigins);
  return withInterrupt(async (signal) => {
    if (keep) await requireReconnect(sandboxes);
    const wanted = {
      image: values.image ?? config.DUNLIN_IMAGES[0] ?? "node",
      limits: {
        ...(config.DUNLIN_CPUS === undefined ? {} : { cpus: config.DUNLIN_CPUS }),
        memoryMiB: config.DUNLIN_MEMORY_MIB,
        pids: config.DUNLIN_PIDS,
        workspaceMiB: config.DUNLIN_WORKSPACE_MIB,
      },
      egress,
      maxLifetimeMs: DAY_MS,
      labels: BY_HAND,
      outlivesProcess: keep,
    };
    const sandbox = await sandboxes.create(wanted, { signal });
    if (keep) process.stderr.write(`${sandbox.id}\n`);
    if (keep) return leave(await streamCommand(sandbox, { argv, timeoutMs, signal }));
    try {
      return await streamCommand(sandbox, { argv, timeoutMs, signal });
    } finally {
      await sandbox.destroy();
    }
  });
}

/** The same for one that lives already, and goes on living. */
export async function sandboxExec(args: readonly string[], env: Environment): Promise<number> {
  const name = "sandbox exec";
  const { before, argv } = splitCommand(args);
  const options = { ...PROVIDER_OPTIONS, timeout: { type: "string" } } as const;
  const { values, positionals } = readArguments(name, before, options);
  if (values.help === true) return help(EXEC_HELP);
  const [id, ...more] = positionals;
  if (id === undefined) wrongUsage("Say in which sandbox.", name);
  requireCommand(name, argv, more);
  const timeoutMs = readTimeout(name, values.timeout);
  const { sandboxes } = openSandboxes(values, env);
  return withInterrupt(async (signal) => {
    // Nothing is tried out first: what lives already needs no runtime that works at this moment.
    const sandbox = await sandboxes.connect(findSandbox(await sandboxes.list({}), id).id);
    return leave(await streamCommand(sandbox, { argv, timeoutMs, signal }));
  });
}

/** The command's own options are none of ours. */
function splitCommand(args: readonly string[]) {
  const at = args.indexOf("--");
  if (at < 0) return { before: args, argv: [] };
  return { before: args.slice(0, at), argv: args.slice(at + 1) };
}

function requireCommand(
  name: string,
  argv: readonly string[],
  positionals: readonly string[],
): void {
  const [extra] = positionals;
  if (extra !== undefined) wrongUsage(`Put -- before the command: "${extra}" is before it.`, name);
  if (argv.length === 0) wrongUsage("Say what to run, after --.", name);
}

function readTimeout(name: string, text: string | undefined): number {
  if (text === undefined) return DAY_MS;
  return Math.min(DAY_MS, Math.ceil(readNumber(name, "timeout", text) * 1000));
}

function help(text: string): number {
  process.stdout.write(text);
  return 0;
}
