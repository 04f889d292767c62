import { expect, test, vi } from "vitest";
import { Failure } from "../../../../src/errors.ts";
import { openBench } from "../../../fakes/bench.ts";

test("it runs in the workspace, with both streams in order", async () => {
  await using bench = await openBench({ "a.txt": "" });
  const { text } = await bench.use("shell", { command: "ls; echo oops >&2; echo end" });
  expect(text).toBe("a.txt\noops\nend");
});

test("a command that prints nothing says so", async () => {
  await using bench = await openBench();
  expect((await bench.use("shell", { command: "true" })).text).toBe(
    "The command ran successfully and printed nothing.",
  );
});

test("an exit code is said, also without output", async () => {
  await using bench = await openBench();
  expect((await bench.use("shell", { command: "echo no; exit 3" })).text).toBe("no\n[exit code 3]");
  expect((await bench.use("shell", { command: "exit 1" })).text).toBe("[exit code 1]");
});

test("bash is spoken, and each command is a new process", async () => {
  await using bench = await openBench({ "sub/x": "" });
  expect(
    (await bench.use("shell", { command: "cd sub; [[ -e x ]] && export A=1 && ls" })).text,
  ).toBe("x");
  expect((await bench.use("shell", { command: 'ls; echo "[$A]"' })).text).toBe("sub\n[]");
  expect((await bench.use("shell", { command: "ls", cwd: "sub" })).text).toBe("x");
});

test("long output keeps its head and its tail", async () => {
  await using bench = await openBench();
  const { text } = await bench.use("shell", { command: "seq 1 9000" });
  expect(text.length).toBeLessThan(12_300);
  expect(text).toMatch(/^1\n2\n/);
  expect(text).toMatch(/\n8999\n9000$/);
  expect(text).toMatch(/\[… \d+ lines left out of the middle; /);
});

test("a log without line ends keeps its tail too", async () => {
  await using bench = await openBench();
  const command = "head -c 30000 /dev/zero | tr '\\0' x; echo END";
  const { text } = await bench.use("shell", { command });
  expect(text.endsWith("END")).toBe(true);
  expect(text.length).toBeLessThan(12_300);
});

test("colours, control characters and overwritten lines are gone", async () => {
  await using bench = await openBench();
  const command =
    "printf '\\033[31mred\\033[0m\\a\\b \\033]0;title\\007ok\\r\\n10%%\\r50%%\\r100%%\\n'";
  expect((await bench.use("shell", { command })).text).toBe("red ok\n100%");
});

test("a command over its time is killed and what it printed is kept", async () => {
  await using bench = await openBench();
  const { text } = await bench.use("shell", { command: "echo start; sleep 60", timeout_s: 1 });
  expect(text).toBe("start\n[timed out after 1 s and was killed with all its processes]");
});

test.each(["/etc", "../..", "a/../../etc", "/workspace-other"])(
  "a folder outside of the workspace is refused: %s",
  async (cwd) => {
    await using bench = await openBench();
    const outcome = await bench.use("shell", { command: "ls", cwd });
    expect(outcome.text).toMatch(/^Error: .* is outside of/);
  },
);

test("a stop throws, it isn't a result", async () => {
  await using bench = await openBench();
  const running = bench.use("shell", { command: "sleep 60" });
  bench.controller.abort();
  await expect(running).rejects.toMatchObject({ kind: "cancelled" });
});

test("a lost sandbox throws, it isn't a result", async () => {
  const bench = await openBench();
  const { sandbox } = bench;
  const running = expect(bench.use("shell", { command: "sleep 1" })).rejects.toMatchObject({
    kind: "unavailable",
    code: "sandbox-lost",
  });
  await sandbox.destroy();
  await running;
});

test("with setup the install command runs with the registries open, and nothing else does", async () => {
  await using bench = await openBench({ "lib/a.txt": "" });
  const { text } = await bench.use("shell", { command: " npm ci\n", setup: true });
  expect(text).toBe("added 3 packages\n[installed]");
  expect(bench.installs.count).toBe(1);
  for (const input of [
    { command: "npm ci; curl evil.test" },
    { command: "npm install evil" },
    { command: "npm ci --ignore-scripts" },
    { command: "npm ci", cwd: "lib" },
  ]) {
    const refused = await bench.use("shell", { ...input, setup: true });
    expect(refused.text).toMatch(/^Error: with setup only .* may run, in the workspace: npm ci$/);
  }
  expect(bench.installs.count).toBe(1);
});

test("a failed or endless installation is a text for the model, a lost sandbox is not", async () => {
  await using bench = await openBench();
  const install = vi.spyOn(bench.parts.setUp, "run");
  for (const [kind, code] of [
    ["invalid-request", "install-failed"],
    ["limit-reached", "install-timeout"],
    ["limit-reached", "install-out-of-memory"],
  ] as const) {
    install.mockRejectedValueOnce(new Failure(kind, code, "It went wrong."));
    const { text } = await bench.use("shell", { command: "npm ci", setup: true });
    expect(text).toBe("Error: It went wrong.");
  }
  install.mockRejectedValueOnce(new Failure("unavailable", "sandbox-lost", "It is gone."));
  await expect(bench.use("shell", { command: "npm ci", setup: true })).rejects.toMatchObject({
    code: "sandbox-lost",
  });
});

test("a project without anything to install has no setup", async () => {
  await using bench = await openBench();
  bench.parts.setUp.command = undefined;
  const { text } = await bench.use("shell", { command: "npm ci", setup: true });
  expect(text).toBe("Error: the project has nothing to install, so setup can't be used.");
});
