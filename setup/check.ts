// The gate before a push: everything that needs no container engine, at once. A part's output is shown when it fails.
import { execFile } from "node:child_process";
import { createProgress } from "./progress.mjs";

/** What the compiler knows of files that did not change since. */
const TYPES_KNOWN = "node_modules/.cache/dunlin/types.tsbuildinfo";

const PARTS = {
  types: ["tsc", "--incremental", "--tsBuildInfoFile", TYPES_KNOWN],
  lint: ["biome", "check", "--error-on-warnings"],
  // As in CI, where the git hooks that start lefthook are not installed.
  unused: ["env", "CI=1", "knip"],
  "unit tests": ["vitest", "run", "--project", "unit", "--reporter=dot"],
};

/** Rejects with what the program printed. */
function runPart([program = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${stdout}${stderr}` || error.message));
    });
  });
}

// Several are under way, so no line can be changed in place.
const progress = createProgress({ write: (text) => process.stdout.write(text) });
const results = await Promise.allSettled(
  Object.entries(PARTS).map(([name, argv]) =>
    progress.part(name, async () => ({ value: await runPart(argv), summary: "ok" })),
  ),
);
for (const result of results) {
  if (result.status === "rejected") console.error(`\n${result.reason.message}`);
}
process.exitCode = results.some(({ status }) => status === "rejected") ? 1 : 0;
