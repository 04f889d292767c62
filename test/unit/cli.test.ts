import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const MODEL = {
  DUNLIN_MODEL: "any",
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  OPENAI_API_KEY: "none",
};

function dunlin(...args: readonly string[]) {
  return dunlinWith({}, ...args);
}

function dunlinWith(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli.ts", ...args], {
    env: { PATH: process.env["PATH"], ...env },
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

it.each([
  ["a folder that isn't there", MODEL, ["/nowhere"], "not a folder"],
  ["a place for the patch that isn't there", MODEL, [".", "--patch", "/dev/null/x"], "written to /dev/null"],
  ["settings that are missing", {}, ["."], "OPENAI_API_KEY"],
])("%s is for the person to put right: exit code 2", (_what, env, args, part) => {
  const { status, stderr } = dunlinWith(
    env,
    "run",
    ...args.slice(0, 1),
    "a task",
    ...args.slice(1),
  );
  expect(stderr).toContain(part);
  expect(status).toBe(2);
});
