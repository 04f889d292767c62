import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, expect, test } from "vitest";
import { createSandboxes } from "../../src/sandbox-sdk.ts";
import { useStateFolder } from "./state-folder.ts";

const folder = useStateFolder();
const made = new Set<string>();
const environment = () => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  DOCKER_HOST: process.env["DOCKER_HOST"],
  DUNLIN_DATA_DIR: folder.path,
  DUNLIN_RUNTIME: "runc",
  DUNLIN_WEAK_SANDBOX: "1",
  DUNLIN_MEMORY_MIB: "512",
  DUNLIN_WORKSPACE_MIB: "64",
});

afterAll(async () => {
  const sandboxes = createSandboxes({ env: environment() });
  for (const id of made) await sandboxes.destroy(id);
});

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function dunlin(args: readonly string[], input = "", more: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["src/cli.ts", ...args], {
    env: { ...environment(), ...more },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  child.stdin.on("error", () => {}); // a command that reads nothing
  child.stdin.end(input);
  const ended: Promise<Ended> = once(child, "close").then(([code]) => ({ code, stdout, stderr }));
  return { child, ended };
}

const run = (...args: readonly string[]) => dunlin(["sandbox", "run", ...args]).ended;

test("run passes input, output, errors and the exit code through", async () => {
  const script = "cat; id -u; echo wrong >&2; exit 7";
  const { ended } = dunlin(["sandbox", "run", "--", "sh", "-c", script], "from outside\n");
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 7, stdout: "from outside\n1000\n" });
  expect(stderr.endsWith("wrong\n")).toBe(true);
});

test("a command that runs out of time ends with 124, one without a sandbox with 125, and wrong usage with 2", async () => {
  const [late, nowhere, dead, wrong] = await Promise.all([
    run("--timeout", "1", "--", "sleep", "600"),
    run("--image", "fortran", "--", "true"),
    dunlin(["sandbox", "run", "--", "true"], "", { DOCKER_HOST: "unix:///no-engine" }).ended,
    dunlin(["sandbox", "run", "--", "true"], "", { DUNLIN_WORKSPACE_MIB: "99999999" }).ended,
  ]);
  expect(late).toMatchObject({
    code: 124,
    stdout: "",
    stderr: expect.stringContaining("dunlin: The command was ended after 1 s.\n"),
  });
  expect(dead.code).toBe(125);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("workspaceMiB (DUNLIN_WORKSPACE_MIB) a whole number from 1");
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('There is no sandbox image called "fortran"');
});

/** The ids of all that were made by hand. */
async function byHand(): Promise<readonly string[]> {
  const sandboxes = createSandboxes({ env: environment() });
  return (await sandboxes.list({ "made-by": "dunlin sandbox" })).map(({ id }) => id);
}

test("more processors than there are become all of them, which is said", async () => {
  const { ended } = dunlin(["sandbox", "run", "--", "echo", "fine"], "", { DUNLIN_CPUS: "4096" });
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([0, "fine\n"]);
  expect(stderr).toContain("sandboxes get all processors, and no more");
});

test("Ctrl-C ends the command with 130, and no sandbox stays", async () => {
  const before = await byHand();
  const { child, ended } = dunlin(["sandbox", "run", "--", "sh", "-c", "echo up; sleep 600"]);
  await once(child.stdout, "data");
  const during = (await byHand()).filter((id) => !before.includes(id));
  expect(during.length).toBeGreaterThan(0);
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
  const after = await byHand();
  expect(during.some((id) => !after.includes(id))).toBe(true);
});

test("a reader that has seen enough ends a command that would go on for ever", async () => {
  const { child, ended } = dunlin(["sandbox", "run", "--", "yes"]);
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect((await ended).code).toBe(141);
});

test("what was kept is listed, takes commands by the beginning of its id, and is gone after rm", async () => {
  const kept = await run("--keep", "--", "sh", "-c", "echo mine > file");
  expect(kept.code).toBe(0);
  const id = /^[0-9a-f]{64}$/m.exec(kept.stderr)?.[0] ?? "";
  made.add(id);
  const short = id.slice(0, 12);
  const listed = await dunlin(["sandbox", "ls"]).ended;
  expect(listed.stdout).toMatch(new RegExp(`^${short}  running  .*made-by=dunlin sandbox`, "m"));
  const again = await dunlin(["sandbox", "exec", short, "--", "cat", "file"]).ended;
  expect(again).toEqual({ code: 0, stdout: "mine\n", stderr: "" });
  // Where no new sandbox could be made at all, one that lives still takes commands.
  const elsewhere = ["--runtime", "no-such-runtime", short, "--", "cat", "file"];
  const still = await dunlin(["sandbox", "exec", ...elsewhere]).ended;
  expect(still).toEqual({ code: 0, stdout: "mine\n", stderr: "" });
  const removed = await dunlin(["sandbox", "rm", short]).ended;
  expect(removed).toMatchObject({ code: 0, stdout: `${id}\n` });
  const gone = await dunlin(["sandbox", "exec", short, "--", "cat", "file"]).ended;
  expect(gone.code).toBe(125);
  expect(gone.stderr).toContain("There is no sandbox whose id begins with");
});

test("a provider whose sandboxes die with the program says so instead of keeping one", async () => {
  const { code, stderr } = await run("--keep", "--provider", "bubblewrap", "--", "true");
  expect(code).toBe(125);
  expect(stderr).toContain("--keep needs sandboxes that outlive the program that made them");
});

test("images list shows what there is of each that is allowed", async () => {
  const { code, stdout } = await dunlin(["images", "list", "--json"]).ended;
  expect(code).toBe(0);
  const found: { name: string; built: { digest: string } | null }[] = JSON.parse(stdout);
  const node = found.find(({ name }) => name === "node");
  expect(node?.built?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(found.map(({ name }) => name)).toContain("plain");
});

test("images build gives what is there already, and names an image that is nowhere", async () => {
  const built = await dunlin(["images", "build", "node"]).ended;
  expect(built).toMatchObject({ code: 0, stderr: "" });
  expect(built.stdout).toMatch(/^dunlin\/node:[0-9a-f]{16} sha256:[0-9a-f]{64}\n$/);
  expect((await dunlin(["images", "build", "fortran"]).ended).code).toBe(2);
});
