import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

function dunlin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli.ts", ...args], {
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

it.each([
  [["run", ".", "a task", "--aply"], "--aply"],
  [["deploy"], "deploy"],
  [["run"], "which repository"],
  [["run", "."], "what to do"],
  [["run", ".", "two", "tasks"], "one argument too many"],
  [["run", ".", "--task-file", "/nowhere/task.md"], "can't be read"],
])("%j is wrong usage, said in one line with the way to help", (args, part) => {
  const { status, stdout, stderr } = dunlin(...args);
  expect(stderr).toMatch(/^dunlin: .* See dunlin --help\.\n$/);
  expect(stderr).toContain(part);
  expect([status, stdout]).toEqual([2, ""]);
});

it("help and version go to standard output", () => {
  expect(dunlin("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage") });
  expect(dunlin("--version")).toMatchObject({ status: 0, stderr: "" });
});
