import { runCommand } from "./command.ts";
import { cleanOutput } from "./output.ts";
import type { Bench } from "./tool.ts";

const PYTHON = "import ast,sys;ast.parse(open(sys.argv[1],'rb').read(),sys.argv[1])";
const CHECKS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.[cm]?js$/, ["node", "--check"]],
  [/\.py$/, ["python3", "-c", PYTHON]],
];

/** A warning when the file no longer parses; nothing when it does or when no cheap check exists for it. */
export async function checkSyntax(
  bench: Bench,
  path: string,
  text: string,
): Promise<string | undefined> {
  if (/\/package(-lock)?\.json$/.test(path)) return checkJson(text);
  const check = CHECKS.find(([pattern]) => pattern.test(path));
  if (check === undefined) return undefined;
  const result = await runCommand(bench, [...check[1], path], {
    timeoutMs: 20_000,
    maxOutputBytes: 16_384,
  });
  const output = cleanOutput(result.stderr).trim();
  // A missing interpreter, a timeout or a loader's complaint says nothing about the file.
  if (result.end !== "exit" || result.exitCode !== 1) return undefined;
  if (!/SyntaxError|IndentationError/.test(output) || /import statement outside/.test(output)) {
    return undefined;
  }
  return `Warning: the file may no longer parse. ${check[1][0]} says:\n${output.slice(0, 1_500)}`;
}

function checkJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Warning: the file is no longer valid JSON: ${String(error)}`;
  }
}
