import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  moveOn,
  sentryOf,
  standStill,
  wake,
} from "../../../../../src/sandbox/providers/docker/stand-still.ts";

const ID = "ab".repeat(32);

/** A container whose engine answers from memory, as far as stopping it goes. */
function fakeContainer(pid: number, refusals: readonly string[] = []) {
  const steps: string[] = [];
  const left = [...refusals];
  let paused = false;
  const container = new Docker({ socketPath: "/nowhere" }).getContainer(ID);
  const refuse = (message: string) => {
    throw Object.assign(new Error(message), { statusCode: 500 });
  };
  container.inspect = async () =>
    ({ State: { Pid: pid, Paused: paused } }) as Docker.ContainerInspectInfo;
  container.pause = async () => {
    steps.push("pause");
    const refusal = left.shift();
    if (refusal !== undefined) refuse(refusal);
    paused = true;
  };
  container.unpause = async () => {
    steps.push((await stateOf(pid)) === "T" ? "unpause too early" : "unpause");
    if (!paused) refuse("it is not paused");
    paused = false;
  };
  return { container, steps };
}

/** A process with the name and arguments of a gVisor kernel. */
async function startSentry(id = ID): Promise<number> {
  const child = spawn("sh", ["-c", "echo up; read x", "boot", id], {
    argv0: "runsc-sandbox",
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return /\) (\w)/.exec(stat)?.[1];
}

test("a gVisor kernel is stopped after what runs on it, and moves on before", async () => {
  const pid = await startSentry();
  const { container, steps } = fakeContainer(pid);
  const sentry = await standStill(container);
  expect(sentry).toBe(pid);
  await vi.waitFor(async () => expect(await stateOf(pid)).toBe("T"));
  await moveOn(container, sentry);
  expect(steps).toEqual(["pause", "unpause"]);
});

test("what another process has stopped is woken, and what runs is left alone", async () => {
  const pid = await startSentry();
  const { container, steps } = fakeContainer(pid);
  await standStill(container);
  await vi.waitFor(async () => expect(await stateOf(pid)).toBe("T"));
  expect(await wake(container)).toBe(true);
  expect(await stateOf(pid)).not.toBe("T");
  expect(await wake(container)).toBe(true);
  expect(steps).toHaveLength(2);
});

test("a kernel that stands still is woken, also when the engine says that all runs", async () => {
  const pid = await startSentry();
  process.kill(pid, "SIGSTOP");
  await vi.waitFor(async () => expect(await stateOf(pid)).toBe("T"));
  const { container, steps } = fakeContainer(pid);
  expect(await wake(container)).toBe(true);
  await vi.waitFor(async () => expect(await stateOf(pid)).not.toBe("T"));
  expect(steps).toEqual([]);
});

test("no process is stopped that isn't that container's kernel", async () => {
  const pid = await startSentry("cd".repeat(32));
  const { container } = fakeContainer(pid);
  expect(await standStill(container)).toBeUndefined();
  expect(await stateOf(pid)).not.toBe("T");
});

test("a gVisor kernel is known by its name and its last argument", async () => {
  const proc = await mkdtemp(join(tmpdir(), "proc-"));
  onTestFinished(() => rm(proc, { recursive: true, force: true }));
  const kernel = ["/usr/bin/runsc-sandbox", "--log=/x", "boot", ID];
  const others = [["runsc-gofer", "gofer", ID], ["runsc-sandbox", ID, "boot"], ["sleep", ID], []];
  for (const [index, argv] of [kernel, ...others].entries()) {
    await mkdir(join(proc, `${index}`));
    await writeFile(join(proc, `${index}/cmdline`), argv.map((arg) => `${arg}\0`).join(""));
  }
  const found = [0, 1, 2, 3, 4, 5].map((pid) => sentryOf(pid, ID, proc));
  expect(await Promise.all(found)).toEqual([0, ...Array(5).fill(undefined)]);
});

test("an engine that could not freeze is asked again, and any other refusal is one", async () => {
  const busy = "runc did not terminate: unable to freeze";
  const patient = fakeContainer(0, [busy, busy]);
  await standStill(patient.container);
  expect(patient.steps).toEqual(["pause", "pause", "pause"]);
  const refused = fakeContainer(0, ["no such container"]);
  await expect(standStill(refused.container)).rejects.toMatchObject({ code: "engine-error" });
  const never = fakeContainer(0, Array(20).fill(busy));
  await expect(standStill(never.container)).rejects.toMatchObject({ code: "engine-error" });
  expect([refused.steps.length, never.steps.length]).toEqual([1, 5]);
});

test("a container that runs already moves on, and a pause that stays is no success", async () => {
  const { container } = fakeContainer(0);
  await moveOn(container, undefined);
  await standStill(container);
  container.unpause = async () => {
    throw Object.assign(new Error("no"), { statusCode: 500 });
  };
  await expect(moveOn(container, undefined)).rejects.toMatchObject({ code: "engine-error" });
  expect(await wake(container)).toBe(true); // its removal ends it where it stands
});

test("a container that the engine doesn't have is nothing to wake", async () => {
  const { container } = fakeContainer(0);
  container.inspect = async () => {
    throw Object.assign(new Error("no such container"), { statusCode: 404 });
  };
  expect(await wake(container)).toBe(false);
});
