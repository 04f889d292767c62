import { writeFile } from "node:fs/promises";
import { Failure, toFailure } from "../src/errors.ts";

/**
 * Runs a command's `main` with the words after its name. Its number becomes the exit code, an error 2; an interrupt ends
 * the process with 130, and with it the sandboxes that it made.
 */
export async function runProgram(
  name: string,
  main: (args: string[]) => Promise<number>,
): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const isWrongUse = error instanceof Failure;
    say(
      `${name}: ${error instanceof Error && !isWrongUse ? error.stack : toFailure(error).message}`,
    );
    process.exitCode = 2;
  }
}

/** Prints a line or more; the number is an exit code. */
export function say(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** For programs to read, where a file was asked for. */
export async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Those of `all` whose words hold one of `only`'s, which stand with commas between them. Throws when none does. */
export function chosenBy<One>(
  only: string | undefined,
  all: readonly One[],
  wordsOf: (one: One) => string,
): readonly One[] {
  const words = (only ?? "").split(",");
  const chosen = all.filter((one) => words.some((word) => wordsOf(one).includes(word)));
  if (chosen.length > 0) return chosen;
  throw new Failure(
    "invalid-request",
    "nothing-chosen",
    `Nothing fits --only ${only}. See --list.`,
  );
}
