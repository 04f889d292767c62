import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyBreak, type Break } from "./break.ts";
import { runTests, type TestRun } from "./run-test.ts";

export type Trial = {
  readonly id: string;
  /** `red`: the test noticed. `green`: it did not. `invalid`: the break or its test says nothing. */
  readonly result: "red" | "green" | "invalid";
  /** How it failed, or why it says nothing; one line. */
  readonly detail: string;
  readonly seconds: number;
};

/** Breaks one line in the copy, runs its test there and mends the line again. */
export async function tryBreak(folder: string, one: Break): Promise<Trial> {
  const startedAt = performance.now();
  const path = join(folder, one.file);
  const whole = await readFile(path, "utf8");
  const trial = (verdict: Pick<Trial, "result" | "detail">): Trial => ({
    id: one.id,
    ...verdict,
    seconds: (performance.now() - startedAt) / 1000,
  });
  try {
    await writeFile(path, applyBreak(whole, one));
    const run = await runTests(folder, [one.test], one.name === undefined ? undefined : [one.name]);
    if (one.inImage)
      execFileSync(process.execPath, ["test/teeth/remove-image.ts"], { cwd: folder });
    return trial(judge(run));
  } catch (error) {
    return trial({ result: "invalid", detail: firstLine(error) });
  } finally {
    await writeFile(path, whole);
  }
}

function judge({ tests, problems }: TestRun): Pick<Trial, "result" | "detail"> {
  const failures = tests.flatMap((test) => test.failures);
  if (tests.length === 0) {
    const why = problems.length === 0 ? "No test has this name." : firstLine(problems[0]);
    return { result: "invalid", detail: why };
  }
  if (failures.length === 0) return { result: "green", detail: `${tests.length} passed` };
  // A name that isn't there is the break's own mistake, not a promise that a test holds.
  const mistake = failures.find((text) => /^ReferenceError/.test(text));
  if (mistake !== undefined) return { result: "invalid", detail: firstLine(mistake) };
  return { result: "red", detail: firstLine(failures[0]) };
}

export function firstLine(text: unknown): string {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
  return String(text).replace(escapes, "").split("\n")[0]?.slice(0, 160) ?? "";
}
