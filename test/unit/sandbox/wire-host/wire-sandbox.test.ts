import { expect, onTestFinished, test, vi } from "vitest";
import { FRAME } from "../../../../src/sandbox/wire/frame.ts";
import { decodeMessage, type ExecRequest } from "../../../../src/sandbox/wire/message.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { directDialler } from "../../../../src/sandbox/wire-host/dialler.ts";
import { EgressGate } from "../../../../src/sandbox/wire-host/egress-gate.ts";
import { JOB_ENV } from "../../../../src/sandbox/wire-host/job-env.ts";
import { type Machine, WireSandbox } from "../../../../src/sandbox/wire-host/wire-sandbox.ts";
import { fakeLog } from "../../../fakes/log.ts";
import { readyRun } from "../../../fakes/open-run.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

type More = {
  readonly maxLifetimeMs?: number;
  readonly caBundle?: Uint8Array;
  readonly machine?: Pick<Machine, "freezer" | "snapshots">;
};

function scene({ machine, ...more }: More = {}) {
  const log = fakeLog();
  const guest = createScriptedGuest();
  const gate = new EgressGate({
    policy: { mode: "none" },
    privateOrigins: [],
    dialler: directDialler,
    log,
  });
  const connection = new Connection(guest.output, guest.input, gate.accept);
  let removals = 0;
  const sandbox = new WireSandbox({
    machine: {
      id: "m",
      isolation: readyRun.isolation,
      causeOfLoss: async () => "lost",
      remove: async () => {
        removals += 1;
      },
      ...machine,
    },
    connection,
    gate,
    maxLifetimeMs: 3_600_000,
    labels: { run: "r" },
    log,
    ...more,
  });
  onTestFinished(() => sandbox.destroy());
  return { guest, gate, sandbox, removals: () => removals };
}

const options = { timeoutMs: 60_000 };
const report = new TextEncoder().encode(
  JSON.stringify({ end: "exit", exitCode: 0, signal: null, outOfMemory: false }),
);

async function asked(guest: ReturnType<typeof createScriptedGuest>) {
  const { payload, stream } = await guest.hear(FRAME.open);
  return { stream, request: decodeMessage(payload) as ExecRequest };
}

test("a command finds the listed variables and its caller's, nothing of the host's", async () => {
  process.env["DUNLIN_CANARY"] = "1";
  onTestFinished(() => void delete process.env["DUNLIN_CANARY"]);
  const { guest, sandbox } = scene({ caBundle: new Uint8Array([1]) });
  const running = sandbox.exec(["true"], { ...options, env: { EXTRA: "x" } });
  const { stream, request } = await asked(guest);
  expect(request).toEqual({
    argv: ["true"],
    cwd: "/workspace",
    env: { ...JOB_ENV, EXTRA: "x" },
    stdin: false,
    timeoutMs: 60_000,
  });
  expect(Object.keys(JOB_ENV).sort()).toEqual([
    "CI",
    "GIT_PAGER",
    "HOME",
    "LANG",
    "NO_COLOR",
    "PAGER",
    "PATH",
    "TERM",
  ]);
  guest.say(FRAME.result, stream, report);
  expect(await running).toMatchObject({ end: "exit", exitCode: 0 });
});

test("a command that never stops talking is killed at the limit", async () => {
  const { guest, sandbox } = scene();
  const running = sandbox.exec(["yes"], { ...options, killAfterOutputBytes: 1_000 });
  const { stream } = await asked(guest);
  guest.say(FRAME.data, stream, new Uint8Array(40_000).fill(1));
  // The credit for it comes after the kill, if there is one.
  await guest.hear(FRAME.window);
  expect(await Promise.race([guest.hear(FRAME.kill), "goes on"])).toMatchObject({ stream });
  const killed = JSON.parse(new TextDecoder().decode(report));
  guest.say(
    FRAME.result,
    stream,
    new TextEncoder().encode(JSON.stringify({ ...killed, end: "killed", exitCode: null })),
  );
  expect(await running).toMatchObject({ end: "killed", exitCode: null });
});

test("one command runs at a time", async () => {
  const { guest, sandbox } = scene();
  const first = sandbox.exec(["one"], options);
  const second = sandbox.exec(["two"], options);
  const one = await asked(guest);
  const two = asked(guest);
  let begun = false;
  void two.then(() => {
    begun = true;
  });
  await new Promise(setImmediate);
  expect(begun).toBe(false);
  guest.say(FRAME.result, one.stream, report);
  await first;
  const { stream, request } = await two;
  expect(request.argv).toEqual(["two"]);
  guest.say(FRAME.result, stream, report);
  await second;
});

test("it is over when its time is, and removed", async () => {
  const { sandbox, removals } = scene({ maxLifetimeMs: 5 });
  const end = await sandbox.exec(["sleep"], options);
  expect(end).toMatchObject({ end: "lost" });
  await new Promise(setImmediate);
  expect([sandbox.lost.aborted, removals()]).toEqual([true, 1]);
});

test("a paused sandbox wakes for the next command and for its end", async () => {
  const steps: string[] = [];
  const freezer = {
    freeze: async () => void steps.push("freeze"),
    thaw: async () => void steps.push("thaw"),
  };
  const { guest, sandbox } = scene({ machine: { freezer } });
  await sandbox.pause();
  await sandbox.pause();
  expect([steps, (await sandbox.info()).state]).toEqual([["freeze"], "paused"]);
  const running = sandbox.exec(["true"], options);
  const { stream } = await asked(guest);
  guest.say(FRAME.result, stream, report);
  await running;
  expect([steps, (await sandbox.info()).state]).toEqual([["freeze", "thaw"], "running"]);
  await sandbox.pause();
  await sandbox.destroy();
  expect(steps).toEqual(["freeze", "thaw", "freeze", "thaw"]);
});

test("a pause waits for the command that runs", async () => {
  const steps: string[] = [];
  const freezer = { freeze: async () => void steps.push("freeze"), thaw: async () => {} };
  const { guest, sandbox } = scene({ machine: { freezer } });
  const running = sandbox.exec(["true"], options);
  const { stream } = await asked(guest);
  const paused = sandbox.pause();
  await new Promise(setImmediate);
  expect(steps).toEqual([]);
  guest.say(FRAME.result, stream, report);
  await Promise.all([running, paused]);
  expect(steps).toEqual(["freeze"]);
});

test("what the provider can't do is said", async () => {
  const { sandbox } = scene();
  await expect(sandbox.pause()).rejects.toMatchObject({ code: "no-pause" });
  await expect(sandbox.snapshot()).rejects.toMatchObject({ code: "no-snapshot" });
  await expect(sandbox.fork()).rejects.toMatchObject({ code: "no-snapshot" });
});

test("an extended sandbox outlives its first time, and says when it ends", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { sandbox } = scene({ maxLifetimeMs: 1_000 });
  const before = await sandbox.info();
  expect(before.expiresAtMs).toBe(before.createdAtMs + 1_000);
  vi.advanceTimersByTime(900);
  await sandbox.extend(5_000);
  vi.advanceTimersByTime(4_000);
  expect(sandbox.lost.aborted).toBe(false);
  expect((await sandbox.info()).expiresAtMs).toBe(before.createdAtMs + 5_900);
  vi.advanceTimersByTime(1_001);
  await vi.waitFor(() => expect(sandbox.lost.aborted).toBe(true));
  expect((await sandbox.info()).state).toBe("ended");
  await expect(sandbox.extend(1)).rejects.toMatchObject({ code: "lifetime-over" });
});

test("while something may be reached, and only then, a command is told the way", async () => {
  const { guest, sandbox } = scene();
  const proxies = async () => {
    const running = sandbox.exec(["true"], options);
    const { stream, request } = await asked(guest);
    guest.say(FRAME.result, stream, report);
    await running;
    return [request.env["https_proxy"], request.env["HTTP_PROXY"]];
  };
  await sandbox.setEgress({ mode: "allow", origins: ["a.test:443"], maxBytes: 1 });
  const proxy = "http://127.0.0.1:3128";
  expect(await proxies()).toEqual([proxy, proxy]);
  await sandbox.setEgress({ mode: "none" });
  expect(await proxies()).toEqual([undefined, undefined]);
});

test("a network that can't be meant is refused, and what was open stays as it was", async () => {
  const { sandbox, gate } = scene();
  const open = { mode: "allow", origins: ["a.test:443"], maxBytes: 1 } as const;
  await sandbox.setEgress(open);
  const wrong = { ...open, origins: ["https://a.test"] };
  await expect(sandbox.setEgress(wrong)).rejects.toMatchObject({ code: "bad-egress" });
  expect(gate.policy).toEqual(open);
});
