import { printable } from "../local/terminal.ts";
import type { SandboxInfo } from "../sandbox-sdk.ts";
import { type Environment, readArguments, wrongUsage } from "./arguments.ts";
import { BY_HAND, findSandbox, openSandboxes, PROVIDER_OPTIONS } from "./sandbox-options.ts";
import { sandboxExec, sandboxRun } from "./sandbox-run.ts";
import { formatDuration, formatTable } from "./table.ts";

const HELP = `dunlin sandbox: the machines that Dunlin works in, by hand.

Usage
  dunlin sandbox run [OPTIONS] -- COMMAND...   One command in a new sandbox
  dunlin sandbox exec ID -- COMMAND...         One more in a sandbox that was kept
  dunlin sandbox ls [--json]                   All that there are, those of runs too
  dunlin sandbox rm ID... | --all              Remove these, or all that were made by hand

dunlin sandbox COMMAND --help says more about one of them. --provider NAME (docker, bubblewrap, microvm) goes with each.
`;

const LS_HELP = `dunlin sandbox ls: all sandboxes that there are, those of runs too, the newest first.

Usage
  dunlin sandbox ls [--json] [--provider NAME]

  --json            For programs: whole ids, times in ISO 8601, all labels
  --provider NAME   docker, bubblewrap or microvm (default: DUNLIN_SANDBOX)

Exit codes
  0 listed   1 it can't be known, such as while no engine answers   2 wrong usage or setting
`;

const RM_HELP = `dunlin sandbox rm: remove sandboxes, with all that runs and lies in them.

Usage
  dunlin sandbox rm [--provider NAME] ID...
  dunlin sandbox rm [--provider NAME] --all

  ID                As much of an id as nothing else begins with; one of a run's ends what the run does there
  --all             All that were made by dunlin sandbox run, whoever did it; none of a run's
  --provider NAME   docker, bubblewrap or microvm (default: DUNLIN_SANDBOX)

Each id is printed once it is gone. When one of several ids is wrong, nothing is removed.

Exit codes
  0 gone   1 it can't be known whether it is gone   2 wrong usage or setting, or no such sandbox
`;

const COMMANDS: Readonly<
  Record<string, (args: readonly string[], env: Environment) => Promise<number>>
> = { run: sandboxRun, exec: sandboxExec, ls, rm };

/** Resolves with the exit code. */
export async function sandbox(args: readonly string[], env: Environment): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h") return show(HELP);
  if (name === undefined) {
    process.stderr.write(HELP);
    return 2;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(rest, env);
  return wrongUsage(`There is no command "sandbox ${name}".`, "sandbox");
}

async function ls(args: readonly string[], env: Environment): Promise<number> {
  const options = { ...PROVIDER_OPTIONS, json: { type: "boolean" } } as const;
  const { values, positionals } = readArguments("sandbox ls", args, options);
  if (values.help === true) return show(LS_HELP);
  const [extra] = positionals;
  if (extra !== undefined) wrongUsage(`"${extra}" is one argument too many.`, "sandbox ls");
  const all = await openSandboxes(values, env).sandboxes.list({});
  const newest = all.toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  if (values.json === true) return show(`${JSON.stringify(newest.map(toJson), null, 2)}\n`);
  const colour = process.stdout.isTTY === true && !env["NO_COLOR"];
  const rows = newest.map((info) => row(info, Date.now()));
  return show(formatTable(["ID", "STATE", "AGE", "LEFT", "LABELS"], rows, { colour }));
}

function toJson({ id, state, labels, createdAtMs, expiresAtMs }: SandboxInfo) {
  const expiresAt = Number.isFinite(expiresAtMs) ? new Date(expiresAtMs).toISOString() : null;
  return { id, state, createdAt: new Date(createdAtMs).toISOString(), expiresAt, labels };
}

const SHORT_ID = 12;

function row(info: SandboxInfo, nowMs: number): readonly string[] {
  const { id, state, labels, createdAtMs, expiresAtMs } = info;
  const left = Number.isFinite(expiresAtMs) ? formatDuration(expiresAtMs - nowMs) : "–";
  const shown = Object.entries(labels).filter(([name]) => !/^dunlin(\.|$)/.test(name));
  const text = shown.map(([name, value]) => `${name}=${value}`).join(" ");
  return [
    id.slice(0, SHORT_ID),
    state,
    formatDuration(nowMs - createdAtMs),
    left,
    printable(text).replaceAll(/[\n\t]/g, " "),
  ];
}

async function rm(args: readonly string[], env: Environment): Promise<number> {
  const options = { ...PROVIDER_OPTIONS, all: { type: "boolean" } } as const;
  const { values, positionals } = readArguments("sandbox rm", args, options);
  if (values.help === true) return show(RM_HELP);
  const isAll = values.all === true;
  if (isAll === positionals.length > 0) {
    wrongUsage("Say which sandboxes, by their ids or by --all.", "sandbox rm");
  }
  const { sandboxes } = openSandboxes(values, env);
  const all = await sandboxes.list(isAll ? BY_HAND : {});
  const chosen = isAll ? all : positionals.map((id) => findSandbox(all, id));
  for (const { id } of chosen) {
    await sandboxes.destroy(id);
    show(`${id}\n`);
  }
  return 0;
}

function show(text: string): number {
  process.stdout.write(text);
  return 0;
}
