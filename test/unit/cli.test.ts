import { spawnSync } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";
import { images } from "../../src/cli/images.ts";
import { sandbox } from "../../src/cli/sandbox.ts";

function dunlin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli.ts", ...args], {
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** The same without a process of its own, for commands that `cli.ts` only hands on. */
function command([name, ...rest]: readonly string[]): Promise<number> {
  return name === "images" ? images(rest, {}) : sandbox(rest, {});
}

afterEach(() => {
  vi.restoreAllMocks();
});

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

it.each([
  [["sandbox", "run"], "Say what to run", "sandbox run"],
  [["images", "push"], 'There is no command "images push"', "images"],
])("%j is handed on, and wrong usage too", (args, part, help) => {
  const { status, stdout, stderr } = dunlin(...args);
  expect(stderr).toContain(part);
  expect(stderr.endsWith(` See dunlin ${help} --help.\n`)).toBe(true);
  expect([status, stdout]).toEqual([2, ""]);
});

it.each([
  [["sandbox", "jump"], 'There is no command "sandbox jump"', "sandbox"],
  [["sandbox", "run"], "Say what to run", "sandbox run"],
  [["sandbox", "run", "node", "--", "a"], 'Put -- before the command: "node"', "sandbox run"],
  [["sandbox", "run", "--nett", "a:1", "--", "a"], "--nett", "sandbox run"],
  [["sandbox", "run", "--timeout", "soon", "--", "a"], "--timeout needs a number", "sandbox run"],
  [["sandbox", "exec", "--", "a"], "in which sandbox", "sandbox exec"],
  [["sandbox", "rm"], "which sandboxes", "sandbox rm"],
  [["sandbox", "rm", "a", "--all"], "which sandboxes", "sandbox rm"],
  [["sandbox", "ls", "x"], "one argument too many", "sandbox ls"],
  [["images", "prune", "--days", "-1"], /^Option '--days' argument is ambiguous\. See/, "images"],
  [["images", "list", "node"], "one argument too many", "images"],
])("%j is wrong usage of a command, said with the way to its help", async (args, part, help) => {
  const failure = await command(args).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "usage", message: expect.stringMatching(part) });
  expect(failure).toMatchObject({ message: expect.stringMatching(` See dunlin ${help} --help.$`) });
});

it.each([
  ["sandbox --help", "dunlin sandbox: "],
  ["sandbox run --help", "dunlin sandbox run: "],
  ["sandbox exec --help", "dunlin sandbox exec: "],
  ["sandbox ls --help", "dunlin sandbox ls: "],
  ["sandbox rm --help", "dunlin sandbox rm: "],
  ["images --help", "dunlin images: "],
])("dunlin %s says how it is used, without any engine", async (line, start) => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const status = await command(line.split(" "));
  const said = write.mock.calls.join("");
  write.mockRestore();
  expect([status, said]).toEqual([0, expect.stringContaining("Usage\n  dunlin ")]);
  expect(said.startsWith(start)).toBe(true);
});

it.each([
  ["images", "list"],
  ["images", "build", "node"],
  ["images", "prune"],
  ["sandbox", "ls"],
  ["sandbox", "rm", "a"],
  ["sandbox", "run", "--", "true"],
  ["sandbox", "exec", "a", "--", "true"],
])("dunlin %s %s with a wrong setting ends before anything is asked", (...args) => {
  const env = { PATH: process.env["PATH"], DUNLIN_CPUS: "x", DOCKER_HOST: "unix:///no-engine" };
  const command = [process.execPath, ["src/cli.ts", ...args]] as const;
  const { status, stderr } = spawnSync(...command, { env, encoding: "utf8" });
  expect(stderr).toContain("DUNLIN_CPUS: must be a number");
  expect(status).toBe(2);
});

it("help and version go to standard output", () => {
  expect(dunlin("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage") });
  expect(dunlin("--version")).toMatchObject({ status: 0, stderr: "" });
});
