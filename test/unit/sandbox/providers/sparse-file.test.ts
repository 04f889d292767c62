import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeSparse } from "../../../../src/sandbox/providers/sparse-file.ts";

const run = promisify(execFile);

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-sparse-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a file has its length and takes no room", async () => {
  const path = join(folder, "disk");
  await makeSparse(path, 2 ** 40);
  const { size, blocks } = await stat(path);
  expect({ size, blocks }).toEqual({ size: 2 ** 40, blocks: 0 });
});

test("where no file may be so long, it is said what would do", async () => {
  const program = `
    const { makeSparse } = await import(process.argv[1]);
    await makeSparse(process.argv[2], 2 ** 30).catch((error) => console.log(JSON.stringify(error), error.message));`;
  const module = join(import.meta.dirname, "../../../../src/sandbox/providers/sparse-file.ts");
  const node = [process.execPath, "--input-type=module", "-e", program, module];
  const argv = ["-c", 'ulimit -f 1024; exec "$@"', "sh", ...node, join(folder, "disk")];
  const { stdout } = await run("/bin/sh", argv);
  expect(stdout).toContain('"kind":"invalid-request","code":"bad-limits"');
  expect(stdout).toContain(`needs a file of 1024 MiB, and ${folder} can hold none so large.`);
  expect(stdout).toContain("DUNLIN_WORKSPACE_MIB");
});
