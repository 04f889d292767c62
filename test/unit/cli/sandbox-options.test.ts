import { expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/sandbox-command.ts";
import { findSandbox, readNet } from "../../../src/cli/sandbox-options.ts";
import type { ExecResult, SandboxInfo } from "../../../src/sandbox-sdk.ts";

test("--net opens the origins that it names and nothing else", () => {
  expect(readNet([])).toEqual({ mode: "none" });
  expect(readNet(["Example.org:443", "[::1]:80"])).toMatchObject({
    mode: "allow",
    origins: ["example.org:443", "[::1]:80"],
  });
});

test.each(["example.org", "example.org:70000", "https://example.org:443", "*:443", "a@b.org:80"])(
  "--net %s is wrong usage",
  (net) => {
    expect(() => readNet([net])).toThrow(expect.objectContaining({ code: "usage" }));
  },
);

const info = (id: string): SandboxInfo => ({
  id,
  labels: {},
  state: "running",
  createdAtMs: 0,
  expiresAtMs: 0,
});

test("the beginning of an id is enough while only one begins so", () => {
  const all = [info("abc1"), info("abd2")];
  expect(findSandbox(all, "abd").id).toBe("abd2");
  expect(() => findSandbox(all, "ab")).toThrow("several sandboxes");
  expect(() => findSandbox(all, "x")).toThrow("no sandbox whose id");
  expect(() => findSandbox([info("abc1")], "")).toThrow("no sandbox whose id");
});

const NOTHING = new Uint8Array(0);
const result = (part: Partial<ExecResult>): ExecResult => ({
  end: "exit",
  exitCode: null,
  signal: null,
  stdout: NOTHING,
  stderr: NOTHING,
  droppedBytes: 0,
  durationMs: 0,
  ...part,
});

test.each([
  [{ end: "exit", exitCode: 7 }, 7],
  [{ end: "signal", signal: "SIGSEGV" }, 139],
  [{ end: "timeout" }, 124],
  [{ end: "killed" }, 130],
  [{ end: "oom" }, 137],
  [{ end: "lost" }, 125],
] as const)("a command that ended by %j exits with %i", (part, code) => {
  expect(exitCodeOf(result(part), 1000)).toBe(code);
});
