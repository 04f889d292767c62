import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setLocalStage } from "../e2e/local-stage.ts";
import { TOY_SCRIPT } from "../e2e/toy-repository.ts";
import { git } from "../fakes/git-repository.ts";

const run = promisify(execFile);
/** As after `npm install` anywhere: the Node of the machine, which may be an older one, and not the project's own. */
const PATH = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((part) => !part.includes("node_modules"))
  .join(delimiter);
const INSTALLED = "node_modules/.bin/dunlin";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-package-"));
  await run("npm", ["pack", "--pack-destination", folder]);
  const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  await writeFile(join(folder, "package.json"), '{"name":"empty","private":true,"type":"module"}');
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  const env = { ...process.env, PATH };
  await run("npm", ["install", ...quiet, `./${tarball}`], { cwd: folder, env });
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the installed program says its version", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8"));
  for (const [program, ...args] of [["npx", "--no-install", "dunlin"], [INSTALLED]]) {
    const env = { ...process.env, PATH };
    const options = { cwd: folder, env };
    const { stdout } = await run(program ?? "", [...args, "--version"], options);
    expect(stdout.trim()).toBe(manifest.version);
  }
});

test("the installed program solves a task in a local repository", async () => {
  await using stage = await setLocalStage();
  const repository = await stage.repository("toy");
  const model = await stage.model(TOY_SCRIPT);
  const env = { ...stage.env, PATH, OPENAI_BASE_URL: model.baseUrl };
  const args = ["--no-install", "dunlin", "run", repository, "add subtracts", "--apply"];
  const { stdout, stderr } = await run("npx", args, { cwd: folder, env });
  expect(stderr).toContain("✅ Verified.");
  expect(stdout).toBe("");
  expect(git(repository, "status", "--porcelain")).toBe("M sum.js\n?? test/add.test.js");
}, 600_000);

test("every public export can be imported, and has types", async () => {
  const installed = join(folder, "node_modules/dunlin");
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  const names = Object.keys(exports).filter((name) => !name.endsWith(".json"));
  const imports = names.map((name) => `await import("dunlin${name.slice(1)}");`);
  await writeFile(join(folder, "import.js"), imports.join("\n"));
  await run(join(folder, "node_modules/.bin/node"), ["import.js"], { cwd: folder });
  for (const name of names) {
    expect(await readFile(join(installed, exports[name].types), "utf8")).toContain("export ");
  }
});

test("it holds what a sandbox image is built from, as JavaScript, and no TypeScript source", async () => {
  const files = await readdir(join(folder, "node_modules/dunlin"), { recursive: true });
  const own = files.filter((file) => !file.startsWith("node_modules/"));
  expect(own).toContain("sandbox-images/Dockerfile");
  expect(own).toContain("sandbox-images/node/image.json");
  expect(own).toContain("dist/sandbox/guest/main.js");
  expect(own).toContain("LICENSE");
  expect(own.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
});
