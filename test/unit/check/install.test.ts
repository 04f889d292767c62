import { describe, expect, it } from "vitest";
import { install } from "../../../src/check/install.ts";
import type { Project } from "../../../src/check/project.ts";
import { Failure } from "../../../src/errors.ts";
import { createScriptedSandbox, type ScriptedAnswer } from "../../fakes/scripted-sandbox.ts";

const OPTIONS = { timeoutMs: 60_000, env: { REGISTRY: "r" } };
const project = (command?: string): Project => ({
  packageManager: "npm",
  ...(command === undefined ? {} : { install: command }),
  test: { command: "npm test", runner: "unknown" },
  findings: [],
});

/** Installs with a sandbox in which each command that matches fails with that log, and the others succeed. */
async function tryInstall(command: string | undefined, failing: readonly [RegExp, string][]) {
  const sandbox = createScriptedSandbox((argv): ScriptedAnswer => {
    const failure = failing.find(([sign]) => sign.test(argv[2] ?? ""));
    return failure === undefined ? { out: "added 3 packages" } : { exitCode: 1, err: failure[1] };
  });
  const outcome = await install(sandbox, project(command), OPTIONS).catch(
    (error: unknown) => error,
  );
  return { outcome, commands: sandbox.commands.map(({ argv }) => argv[2]), sandbox };
}

async function refusal(command: string, answer: ScriptedAnswer): Promise<Failure> {
  const sandbox = createScriptedSandbox(() => answer);
  const error: unknown = await install(sandbox, project(command), OPTIONS).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error("the installation did not fail");
  return error;
}

describe("install", () => {
  it("runs the command with the set-up phase's variables and says how it ended", async () => {
    const { outcome, sandbox } = await tryInstall("npm ci", []);
    expect(outcome).toMatchObject({ command: "npm ci", findings: [], logTail: "added 3 packages" });
    expect(sandbox.commands[0]?.options).toMatchObject({
      timeoutMs: 60_000,
      env: { REGISTRY: "r", CI: "true", npm_config_audit: "false" },
    });
  });

  it("does nothing when there is nothing to install", async () => {
    expect((await tryInstall(undefined, [])).commands).toEqual([]);
  });

  it.each<[string, RegExp, string, string]>([
    [
      "npm ci",
      /^npm ci/,
      "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync",
      "npm install --no-package-lock",
    ],
    ["npm ci", /ci$/, "npm error code ERESOLVE", "npm ci --legacy-peer-deps"],
    [
      "npm install",
      /install$/,
      "npm error path /workspace/node_modules/x\nnpm error command failed\nnpm error command sh -c node build.js",
      "npm install --ignore-scripts",
    ],
  ])("goes around a known obstacle of %s and says so", async (command, fails, log, next) => {
    const { outcome, commands } = await tryInstall(command, [[fails, log]]);
    expect(commands).toEqual([command, next]);
    expect(outcome).toMatchObject({ command: next, findings: [expect.stringMatching(/\.$/)] });
  });

  it("goes around one obstacle after the other, but not for ever", async () => {
    const { commands } = await tryInstall("npm ci", [
      [/scripts$/, "npm error code ERESOLVE"],
      [/deps$/, "command failed\nnpm error command failed"],
      [/./, "npm error code ERESOLVE"],
    ]);
    expect(commands).toEqual([
      "npm ci",
      "npm ci --legacy-peer-deps",
      "npm ci --legacy-peer-deps --ignore-scripts",
    ]);
  });

  it("does not change a command that is not npm's", async () => {
    expect((await tryInstall("make deps", [[/./, "npm error code ERESOLVE"]])).commands).toEqual([
      "make deps",
    ]);
  });

  it.each<[string, ScriptedAnswer, string, string, RegExp]>([
    [
      "npm ci",
      {
        exitCode: 1,
        err: "npm error code E404\nnpm error 404 Not Found - GET http://r/@acme%2fsecret",
      },
      "invalid-request",
      "private-packages",
      /@acme\/secret.*dunlin\.yml/s,
    ],
    [
      "npm ci",
      { exitCode: 1, err: "npm error code E401\nnpm error Incorrect or missing password." },
      "invalid-request",
      "private-packages",
      /credentials/,
    ],
    [
      "npm ci",
      { exitCode: 1, err: "npm error code E404\nnpm error 404 left-padd is not in this registry" },
      "invalid-request",
      "install-failed",
      /left-padd/,
    ],
    [
      "npm ci",
      { exitCode: 128, err: "npm error command git ls-remote ssh://git@host/x.git" },
      "invalid-request",
      "install-failed",
      /Git repository.*dunlin\.yml/s,
    ],
    [
      "pnpm install",
      { exitCode: 127, err: "sh: 1: pnpm: not found" },
      "invalid-request",
      "package-manager-missing",
      /pnpm.*dunlin\.yml/s,
    ],
    [
      "npm ci",
      { end: "timeout", durationMs: 600_000 },
      "limit-reached",
      "install-timeout",
      /10 minutes/,
    ],
    ["npm ci", { end: "oom" }, "limit-reached", "install-out-of-memory", /dunlin\.yml/],
    ["npm ci", { end: "lost" }, "unavailable", "sandbox-lost", /new one/],
  ])("explains why %s can't work", async (command, answer, kind, code, message) => {
    const failure = await refusal(command, answer);
    expect([failure.kind, failure.code]).toEqual([kind, code]);
    expect(failure.message).toMatch(message);
  });

  it("quotes the end of the log, cleaned", async () => {
    const failure = await refusal("make", {
      exitCode: 2,
      err: `${"noise\n".repeat(50)}\u001b[31mboom\u001b[0m`,
    });
    expect(failure.message).toMatch(/noise\nboom\n```$/);
    expect(failure.message.split("\n").length).toBeLessThan(20);
  });

  it("stops when the run is cancelled", async () => {
    const sandbox = createScriptedSandbox(() => ({ end: "killed" }));
    const signal = AbortSignal.abort(new Failure("cancelled", "by-person", "Stopped."));
    await expect(install(sandbox, project("npm ci"), { ...OPTIONS, signal })).rejects.toMatchObject(
      { code: "by-person" },
    );
  });
});
