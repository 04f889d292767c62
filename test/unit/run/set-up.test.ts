import { expect, it, vi } from "vitest";
import { Failure } from "../../../src/errors.ts";
import type { Base } from "../../../src/run/clone.ts";
import type { SavedInstall } from "../../../src/run/saved-installs.ts";
import { freshSandbox, setUp } from "../../../src/run/set-up.ts";
import { BASE_SHA } from "../../fakes/mirror.ts";
import { openTestRun } from "../../fakes/open-run.ts";

const plan = { baseBranch: "main", settings: { image: "node" } };
const base: Base = {
  sha: BASE_SHA,
  project: {
    packageManager: "npm",
    install: "npm ci",
    test: { command: "npm test", runner: "tap" },
    findings: [],
  },
  instructions: [],
};

it("only the install may reach the registries; before it is kept the network is gone", async () => {
  const { run, sandboxes } = await openTestRun();
  const ready = await setUp(run, plan, base);
  const [made] = sandboxes.made;
  expect(made?.spec).toMatchObject({
    image: "node",
    egress: { mode: "none" },
    limits: run.ports.limits.sandbox,
    labels: { run: "run-7f3a" },
  });
  const online = made?.commands.filter(({ egress }) => egress === "allow");
  expect(online?.map(({ argv }) => argv)).toEqual([["sh", "-c", "npm ci"]]);
  expect(made?.commands.at(-1)?.egress).toBe("none");
  expect(made?.destroyed).toBe(true);
  expect(ready).toMatchObject({ sha: BASE_SHA, isolation: { runtime: "runsc" } });
});

it("every sandbox after it has no network at all", async () => {
  const { run, sandboxes } = await openTestRun();
  const ready = await setUp(run, plan, base);
  await freshSandbox(run, ready, new AbortController().signal);
  expect(sandboxes.made[1]?.spec).toMatchObject({ egress: { mode: "none" } });
});

it("a fresh sandbox is made of the dependencies and, over them, the commit, and needs no command", async () => {
  const { run, sandboxes, artifacts } = await openTestRun();
  const { digest, bytes } = await artifacts.put(new TextEncoder().encode("installed"));
  const ready = { ...(await setUp(run, plan, base)), dependencies: { digest, bytes, paths: [] } };
  await freshSandbox(run, ready, new AbortController().signal);
  const [installing, fresh] = sandboxes.made;
  expect(installing?.spec.layers).toHaveLength(1);
  expect(fresh?.commands).toEqual([]);
  expect(fresh?.spec.layers.map(({ digest: name, into, scope }) => [name, into, scope])).toEqual([
    [digest, "/workspace", "repository 7"],
    [installing?.spec.layers[0]?.digest, "/workspace", "repository 7"],
  ]);
  const other = { ...ready, sha: "c".repeat(40) };
  await freshSandbox(run, other, new AbortController().signal);
  expect(sandboxes.made[2]?.spec.layers[1]?.digest).not.toBe(fresh?.spec.layers[1]?.digest);
});

it("a sandbox that is lost is replaced once", async () => {
  const { run, sandboxes } = await openTestRun();
  const create = vi.spyOn(sandboxes, "create").mockRejectedValueOnce(lost);
  await expect(setUp(run, plan, base)).resolves.toMatchObject({ sha: BASE_SHA });
  expect(create).toHaveBeenCalledTimes(2);
});

it("a second loss ends the set-up", async () => {
  const { run, sandboxes } = await openTestRun();
  vi.spyOn(sandboxes, "create").mockRejectedValueOnce(lost).mockRejectedValueOnce(lost);
  await expect(setUp(run, plan, base)).rejects.toMatchObject({ code: "sandbox-lost" });
});

it("what one run installed serves the next of the same repository, and says so", async () => {
  const first = await openTestRun();
  for (const path of ["package.json", "package-lock.json"]) first.mirror.files.set(path, "{}");
  const before = await setUp(first.run, plan, base);
  const { installs, artifacts, mirror } = first;
  const second = await openTestRun({ installs, artifacts, mirrors: { open: async () => mirror } });
  const after = await setUp(second.run, plan, base);
  const commands = second.sandboxes.made.flatMap((made) => made.commands.map(({ argv }) => argv));
  expect(commands).toEqual([["node", "--version"]]);
  expect(second.sandboxes.made.every(({ spec }) => spec.egress.mode === "none")).toBe(true);
  expect(after.dependencies).toEqual(before.dependencies);
  expect(after.project.findings).toEqual([
    "Dependencies: as installed on 2026-11-23 from the same commit, by the same command, in the same image.",
  ]);
});

it("what was kept and is damaged or gone is installed again", async () => {
  const { run, installs, artifacts, mirror } = await openTestRun();
  for (const path of ["package.json", "package-lock.json"]) mirror.files.set(path, "{}");
  await setUp(run, plan, base);
  const [[key, install]] = [...installs.saved] as [[string, SavedInstall]];
  const digest = `sha256:${"9".repeat(64)}` as const;
  installs.saved.set(key, { ...install, dependencies: { digest, bytes: 1, paths: [] } });
  const next = await openTestRun({ installs, artifacts, mirrors: { open: async () => mirror } });
  await setUp(next.run, plan, base);
  const commands = next.sandboxes.made.flatMap((made) => made.commands.map(({ argv }) => argv));
  expect(commands).toContainEqual(["sh", "-c", "npm ci"]);
  expect(installs.saved.get(key)).toEqual(install);
});

it("nothing is kept for later where no lock file says what is meant", async () => {
  const { run, installs, mirror } = await openTestRun();
  mirror.files.set("package.json", "{}");
  await setUp(run, plan, base);
  expect(installs.saved.size).toBe(0);
});

const lost = new Failure("unavailable", "sandbox-lost", "It is gone.");
