import { expandCommand, findRunner } from "../../find-runner.ts";
import type { Manifest, NodeManager } from "./package-manager.ts";

type Scripts = Manifest["scripts"];

/** What looks at code without running tests, or asks a registry about it: its place is elsewhere. */
const LOOKS =
  /^(?:npx\s+(?:-\S+\s+)*)?(?:eslint|standard|semistandard|ts-standard|neostandard|xo|oxlint|biome|prettier|tslint|jshint|stylelint|markdownlint\S*|remark|hallmark|dtslint|tsd|tstyche|attw|publint|knip|depcheck|dependency-check|aud|audit-ci|better-npm-audit|installed-check|cspell|lockfile-lint|evalmd|eclint|ls-engines|npm@\S+ audit|(?:npm|pnpm|yarn) audit|tsc\b(?=.*--noEmit))(?:\s|$)/;
/** What a shell would do more with than to start one command after the other. */
const SHELL = /[|;`<>()\n]|(?<!&)&(?!&)|\$\(/;
const CALL = /^(?:npm|pnpm|yarn)\s+(?:-\S+\s+)*(?:run(?:-script)?\s+)?(?:-\S+\s+)*([\w:.@/-]+)$/;

/** The commands that `&&` joins in a script; undefined for one in which a shell does more. */
function stepsOf(script: string): readonly string[] | undefined {
  if (SHELL.test(script)) return undefined;
  return script.split("&&").map((step) => step.trim());
}

/** Whether a command, with all scripts that it calls, only looks. */
function looksOnly(step: string, scripts: Scripts, depth = 0): boolean {
  if (LOOKS.test(step.replace(/^(?:cross-env\s+)?(?:\w+=\S*\s+)*/, ""))) return true;
  const name = CALL.exec(step)?.[1];
  const script = name === undefined ? undefined : scripts[name];
  if (script === undefined || name === undefined || depth > 5) return false;
  const bodies = [scripts[`pre${name}`], script, scripts[`post${name}`]].filter(
    (body) => body !== undefined,
  );
  return bodies.every((body) =>
    body.split("&&").every((one) => looksOnly(one.trim(), scripts, depth + 1)),
  );
}

export type TestSteps = {
  readonly command: string;
  /** What of the script isn't part of it. */
  readonly left: readonly string[];
};

/**
 * The test script without its steps that only lint, look at types or ask a registry: these fail for other reasons than
 * tests do, need the network, and keep tests from running at all when they fail first. Undefined where there is nothing to
 * leave out, or where it can't be told.
 */
export function withoutLooks(scripts: Scripts, manager: NodeManager): TestSteps | undefined {
  const bodies = [scripts["pretest"], scripts["test"], scripts["posttest"]];
  const steps = bodies.flatMap((body) => {
    if (body === undefined || body.trim() === "") return [];
    return stepsOf(body) ?? [body];
  });
  const left = steps.filter((step) => looksOnly(step, scripts));
  const kept = steps.filter((step) => !left.includes(step));
  const hasRunner = findRunner(expandCommand(kept.join("\n"), scripts)) !== "unknown";
  if (left.length === 0 || !hasRunner) return undefined;
  // Part of a shell's own text would be something else.
  const text = stepsOf(scripts["test"] ?? "");
  if (text === undefined) return asItIs(scripts, manager, left);
  return { command: kept.map((step) => inShell(step, scripts, manager)).join(" && "), left };
}

/** The whole script without `pretest` and `posttest`, where all that is left out stands there. */
function asItIs(
  scripts: Scripts,
  manager: NodeManager,
  left: readonly string[],
): TestSteps | undefined {
  const script = scripts["test"] ?? "";
  const others = [scripts["pretest"], scripts["posttest"]]
    .filter((body) => body !== undefined)
    .flatMap((body) => stepsOf(body) ?? [body]);
  if (!others.every((step) => left.includes(step)) || manager === "bun") return undefined;
  return { command: script, left };
}

/** A step as it is written outside of a script: calls of scripts as the manager takes them, programs by their names. */
function inShell(step: string, scripts: Scripts, manager: NodeManager): string {
  const name = CALL.exec(step)?.[1];
  if (name === undefined) return step;
  if (name in scripts) return `${manager} run ${name}`;
  return step;
}
