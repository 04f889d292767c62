import { generateKeyPairSync } from "node:crypto";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startEngineWithoutBuilds } from "../fakes/engine-api.ts";
import { type LocalStage, setLocalStage, startCommand } from "./local-stage.ts";

const KEY = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
}).privateKey;
const SECRET = "a-secret-of-the-tests-0123456789";
/** Nothing listens on this port: it is the reserved one. */
const NOBODY = "127.0.0.1:1";
const SERVER = {
  GITHUB_APP_ID: "12",
  GITHUB_WEBHOOK_SECRET: SECRET,
  GITHUB_APP_PRIVATE_KEY: KEY,
  GITHUB_API_URL: `http://${NOBODY}`,
};

let stage: LocalStage;
let temporary: string;

beforeAll(async () => {
  stage = await setLocalStage();
  temporary = join(stage.folder, "tmp");
  await mkdir(temporary);
});
afterAll(async () => stage?.[Symbol.asyncDispose]());

/** Runs to the end, which leaves no temporary file and no database behind. */
async function refusal(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { ...stage.env, TMPDIR: temporary, ...more };
  const { code, stderr, stdout } = await startCommand(args, env, stage.folder).ended;
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^\s+at /m);
  // The one thing there is npm's own cache, which Dunlin asks for the registry.
  const left = await readdir(temporary);
  expect(left.filter((name) => name !== "node-compile-cache")).toEqual([]);
  // A database that was told to stop while it started ends by itself, a moment after Dunlin on a busy machine.
  const pidFile = join(stage.folder, "data/postgres/cluster-18/postmaster.pid");
  await vi.waitFor(() => expect(stat(pidFile)).rejects.toThrow(), { timeout: 30_000 });
  return { code, stderr };
}

describe("a wrong command line", () => {
  it.each<[string, readonly string[], string]>([
    ["an unknown option", ["run", ".", "x", "--bogus"], "Unknown option '--bogus'."],
    [
      "an option without its value",
      ["run", ".", "x", "--patch"],
      "Option '--patch <value>' argument missing.",
    ],
    ["an option of another command", ["serve", "--json", "x"], "--json is an option of run only."],
    ["an unknown command", ["mend"], 'There is no command "mend".'],
    ["no path", ["run"], 'Say which repository: dunlin run PATH "task".'],
    ["no task", ["run", "."], 'Say what to do: dunlin run PATH "task", or --task-file FILE.'],
    [
      "an empty task",
      ["run", ".", " "],
      'Say what to do: dunlin run PATH "task", or --task-file FILE.',
    ],
    [
      "a task without quotes",
      ["run", ".", "add", "two"],
      '"two" is one argument too many; put the task in quotes.',
    ],
    [
      "two tasks",
      ["run", ".", "x", "--task-file", "y"],
      "Give the task as an argument or by --task-file, not both.",
    ],
    [
      "a task file that isn't there",
      ["run", ".", "--task-file", "y"],
      "The task file y can't be read.",
    ],
  ])("with %s ends with 2", async (_name, args, message) => {
    expect(await refusal(args)).toEqual({
      code: 2,
      stderr: `dunlin: ${message} See dunlin --help.\n`,
    });
  });
});

describe("a server with wrong settings", () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "no webhook secret",
      { GITHUB_WEBHOOK_SECRET: "" },
      "Set these environment variables right:\n  GITHUB_WEBHOOK_SECRET: is not set; make one with: openssl rand -hex 32",
    ],
    [
      "a short webhook secret",
      { GITHUB_WEBHOOK_SECRET: "short" },
      "Set these environment variables right:\n  GITHUB_WEBHOOK_SECRET: needs at least 16 characters; make one with: openssl rand -hex 32",
    ],
    [
      "several wrong ones",
      { PORT: "http", DUNLIN_RUN_USD: "-1", DUNLIN_BUDGET: "3" },
      "Set these environment variables right:\n  PORT: must be a number\n  DUNLIN_RUN_USD: must be 0 or more\n  DUNLIN_BUDGET: there is no such setting",
    ],
    [
      "a malformed key",
      { GITHUB_APP_PRIVATE_KEY: "not a key" },
      "The App's private key is not an RSA key in PEM form. Download one from the App's settings and give the whole file.",
    ],
    [
      "a key file that isn't there",
      { GITHUB_APP_PRIVATE_KEY: "", GITHUB_APP_PRIVATE_KEY_FILE: "/none.pem" },
      "The private key /none.pem can't be read. Set GITHUB_APP_PRIVATE_KEY_FILE to the PEM file that GitHub gave you.",
    ],
    [
      "an unreachable database",
      { DATABASE_URL: `postgres://ada:hunter2@${NOBODY}/dunlin` },
      `The database can't be reached (connect ECONNREFUSED ${NOBODY}). Check DATABASE_URL and that the server runs, or unset it to use the embedded one.`,
    ],
  ])("doesn't start with %s and says what to set", async (_name, env, message) => {
    const code = env["DATABASE_URL"] === undefined ? 2 : 1;
    expect(await refusal(["serve"], { ...SERVER, DUNLIN_LOG: "error", ...env })).toEqual({
      code,
      stderr: `dunlin: ${message}\n`,
    });
  });

  it("doesn't start where GitHub is out of reach", async () => {
    const { code, stderr } = await refusal(["serve"], { ...SERVER, DUNLIN_LOG: "silent" });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^dunlin: GitHub can't be reached .* Check the network and GITHUB_API_URL\.\n$/,
    );
  });
});

describe("a local run that can't be", () => {
  const run = (...args: string[]) => ["run", ...args];

  it.each<[string, () => Promise<readonly string[]>, (folder: string) => string]>([
    [
      "a path that isn't there",
      async () => run("none", "x"),
      (folder) =>
        `${folder}/none is not a folder. Give the path of a git repository's working copy.`,
    ],
    [
      "a folder without a repository",
      async () => {
        await mkdir(join(stage.folder, "plain"));
        return run("plain", "x");
      },
      (folder) =>
        `${folder}/plain is not in a git repository. Run git init there and commit, or give another path.`,
    ],
    [
      "an empty repository",
      async () => {
        await stage.repository("empty", {}, { commit: false });
        return run("empty", "x");
      },
      (folder) =>
        `The repository ${folder}/empty has no commit yet, so there is nothing to start from. Commit its files, then run the same command again.`,
    ],
    [
      "a result without a place",
      async () => {
        await stage.repository("placeless");
        return run("placeless", "x", "--patch", ".");
      },
      () => "The result can't be written to . (it is a folder). Give another path.",
    ],
  ])("because of %s ends with 2 and the next step", async (_name, prepare, message) => {
    expect(await refusal(await prepare())).toEqual({
      code: 2,
      stderr: `dunlin: ${message(stage.folder)}\n`,
    });
  });

  it("because its database is out of reach ends with 1 and the next step", async () => {
    await stage.repository("database");
    const env = { DATABASE_URL: `postgres://ada:hunter2@${NOBODY}/dunlin` };
    const { code, stderr } = await refusal(run("database", "x"), env);
    expect(stderr).toMatch(
      /^dunlin: The database can't be reached .* or unset it to use the embedded one\.$/m,
    );
    expect(stderr).not.toContain("hunter2");
    expect(code).toBe(1);
  });

  it("because no container engine answers ends with 1 and the next step", async () => {
    await stage.repository("engine");
    const { code, stderr } = await refusal(run("engine", "x"), {
      DOCKER_HOST: "unix:///none.sock",
    });
    expect(stderr).toContain(
      "No container engine answers (connect ENOENT /none.sock). Start Docker, or set DOCKER_HOST to where it listens.",
    );
    expect(stderr).toMatch(/\nNext: mend that, then run the same command again\.\n$/);
    expect(code).toBe(1);
  });

  it("because its image can't be built ends with 1 and the next step", async () => {
    await stage.repository("image");
    const socket = join(stage.folder, "engine.sock");
    await using _engine = await startEngineWithoutBuilds(socket, "no space left on device");
    const { code, stderr } = await refusal(run("image", "x"), { DOCKER_HOST: `unix://${socket}` });
    expect(stderr).toContain(
      "The sandbox image can't be built: no space left on device. Change its folder in sandbox-images/ or the container engine's settings.\n",
    );
    expect(code).toBe(1);
  });
});
