import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestRequest } from "../../src/agent/tools/tool.ts";
import { createToolbox } from "../../src/agent/tools/toolbox.ts";
import type { SuiteRun } from "../../src/check/suite.ts";
import { createLocalSandbox } from "./local-sandbox.ts";

export const suiteRun: SuiteRun = {
  command: "npm test",
  end: "exit",
  exitCode: 0,
  durationMs: 10,
  integrity: { ended: true, foreign: 0 },
  tests: [],
  logTail: "",
  logSha256: "",
};

/** A toolbox over a local sandbox that holds these files. */
export async function openBench(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const sandbox = await createLocalSandbox();
  for (const [path, content] of Object.entries(files)) {
    const target = join(sandbox.folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  const tested: TestRequest[] = [];
  const results: SuiteRun[] = [suiteRun];
  const installs = { count: 0 };
  const parts = {
    sandbox,
    wrote: () => {},
    digestOf: (data: Uint8Array) => createHash("sha256").update(data).digest("hex"),
    prelude: "",
    setUp: {
      command: "npm ci" as string | undefined,
      run: async () => {
        installs.count += 1;
        return { durationMs: 1, logTail: "added 3 packages\n", findings: [] };
      },
    },
    runTests: async (request: TestRequest) => {
      tested.push(request);
      return results[Math.min(tested.length, results.length) - 1] ?? suiteRun;
    },
  };
  const toolbox = createToolbox(parts);
  const controller = new AbortController();
  return {
    sandbox,
    parts,
    toolbox,
    tested,
    results,
    installs,
    controller,
    use: (tool: string, input: unknown) =>
      toolbox.run(
        { id: "c", tool, input: typeof input === "string" ? input : JSON.stringify(input) },
        controller.signal,
      ),
    [Symbol.asyncDispose]: () => sandbox.destroy(),
  };
}
