import { access, constants, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Failure } from "../errors.ts";
import { reportParts, verdictLine } from "../evidence/report/report.ts";
import type { RunSummary } from "../run/summary.ts";
import type { Result } from "./result.ts";
import { applyToWorkingCopy } from "./working-copy.ts";

/** Where a person wants what. A change that is neither written nor applied goes to standard output. */
export type Wanted = {
  readonly patch?: string | undefined;
  readonly evidence?: string | undefined;
  readonly json?: string | undefined;
  readonly apply: boolean;
};

/** Throws `invalid-request/output` before a run is paid for whose result has no place. */
export async function preparePlaces({ patch, evidence, json }: Wanted): Promise<void> {
  for (const path of [patch, evidence, json]) {
    if (path === undefined) continue;
    await ensureFolder(dirname(resolve(path)));
    const known = await stat(path).catch(() => undefined);
    const wantsFolder = path === evidence;
    if (known !== undefined && known.isDirectory() !== wantsFolder) {
      throw noPlace(path, wantsFolder ? "it is not a folder" : "it is a folder");
    }
  }
}

async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw noPlace(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function noPlace(path: string, why: string, cause?: unknown): Failure {
  const message = `The result can't be written to ${path} (${why}). Give another path.`;
  return new Failure("invalid-request", "output", message, { cause });
}

/** Writes what is wanted and gives a sentence about each. The change is applied last: that may fail. */
export async function deliver(
  { patch, evidence, json, apply }: Wanted,
  result: Result,
  workingCopy: string,
  print: (diff: Uint8Array) => void,
): Promise<readonly string[]> {
  const said: string[] = [];
  const { diff, summary } = result;
  if (json !== undefined) await writeFile(json, forPrograms(summary));
  if (evidence !== undefined && result.evidence !== undefined) {
    await mkdir(evidence, { recursive: true });
    await writeFile(join(evidence, "evidence.json"), result.evidence.json);
    await writeFile(join(evidence, "report.md"), reportOf(result.evidence));
    if (result.bundle !== undefined) await writeFile(join(evidence, "evidence.tar"), result.bundle);
    said.push(`The evidence is in ${evidence}.`);
  }
  if (diff === undefined) return said;
  if (patch !== undefined) {
    await writeFile(patch, diff);
    said.push(`The change is in ${patch}, for git apply.`);
  }
  const applies = apply && summary.run.outcome === "verified";
  if (patch === undefined && !applies) print(diff);
  if (applies) {
    await applyToWorkingCopy(workingCopy, diff);
    said.push("The change is applied to the working copy and not committed.");
  } else if (apply) {
    said.push("The change is not applied, because it is not verified.");
  }
  return said;
}

function reportOf({ content }: NonNullable<Result["evidence"]>): string {
  const parts = [verdictLine(content), ...reportParts(content).map((part) => part.text)];
  return `${parts.join("\n\n")}\n`;
}

/** The demonstration's figures without issue and pull request. */
function forPrograms({ run, evidence, sandbox, problem, model }: RunSummary): string {
  // A model of this name plays prepared turns; nobody must take its results for a real one's.
  const scripted = model.name === "scripted";
  const figures = { run, evidence, sandbox, problem, model: { ...model, scripted } };
  return `${JSON.stringify(figures, null, 2)}\n`;
}
