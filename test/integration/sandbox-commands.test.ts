import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { COUNT_JOBS, describeEachRuntime, providerFor, SPEC, sh, text } from "./sandbox-fixture.ts";

describeEachRuntime("a command", (runtime) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await providerFor(runtime).create(SPEC);
  });
  afterAll(() => sandbox.destroy());

  test("keeps its outputs apart and gives its exit code", async () => {
    expect(await sh(sandbox, "echo out; echo err >&2; exit 3")).toEqual({
      end: "exit",
      exitCode: 3,
      signal: null,
      droppedBytes: 0,
      out: "out\n",
      err: "err\n",
    });
  });

  test("that dies of a signal says which", async () => {
    const result = await sh(sandbox, "kill -SEGV $$");
    expect(result).toMatchObject({ end: "signal", signal: "SIGSEGV", exitCode: null });
  });

  test("that is missing or no program ends as in a shell", async () => {
    const missing = await sandbox.exec(["no-such-program"], { timeoutMs: 60_000 });
    expect(missing).toMatchObject({ end: "exit", exitCode: 127 });
    expect(text(missing.stderr)).toContain("no-such-program");
    const unusable = await sandbox.exec(["/etc/passwd"], { timeoutMs: 60_000 });
    expect(unusable).toMatchObject({ end: "exit", exitCode: 126 });
  });

  test("in a folder that isn't there, or too long, is the caller's mistake", async () => {
    await expect(sh(sandbox, "true", { cwd: "/workspace/nowhere" })).rejects.toMatchObject({
      kind: "invalid-request",
      code: "no-such-folder",
    });
    await expect(sh(sandbox, "true", { cwd: "workspace" })).rejects.toMatchObject({
      code: "relative-path",
    });
    await expect(sh(sandbox, `: ${"x".repeat(200_000)}`)).rejects.toMatchObject({
      kind: "invalid-request",
      code: "argument-too-long",
    });
    expect((await sh(sandbox, "echo fine")).out).toBe("fine\n");
  });

  test("runs in a folder that only its own user may enter", async () => {
    await sh(sandbox, "mkdir -m 0700 /workspace/private");
    const result = await sh(sandbox, "pwd", { cwd: "/workspace/private" });
    expect(result).toMatchObject({ end: "exit", exitCode: 0, out: "/workspace/private\n" });
  });

  test("finds a small environment and gets values byte for byte", async () => {
    const value = `'"$HOME\\\n\tü`;
    const result = await sandbox.exec(["/usr/bin/env", "-0"], {
      env: { ODD: value },
      timeoutMs: 60_000,
    });
    const variables = Object.fromEntries(
      text(result.stdout)
        .split("\0")
        .filter((line) => line !== "")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(variables).toEqual({
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/home/job",
      LANG: "C.UTF-8",
      CI: "1",
      NO_COLOR: "1",
      TERM: "dumb",
      PAGER: "cat",
      GIT_PAGER: "cat",
      ODD: value,
    });
  });

  test("gets its input and gives its output byte for byte", async () => {
    const input = randomBytes(3 * 1024 ** 2);
    const result = await sandbox.exec(["cat"], {
      stdin: input,
      maxOutputBytes: 4 * 1024 ** 2,
      timeoutMs: 60_000,
    });
    expect(Buffer.compare(result.stdout, input)).toBe(0);
  });

  test("that leaves its input unread ends all the same, and none has any without asking", async () => {
    const endless = (async function* () {
      for (;;) yield randomBytes(64 * 1024);
    })();
    expect(await sh(sandbox, "true", { stdin: endless })).toMatchObject({ end: "exit" });
    expect((await sh(sandbox, "cat; echo end")).out).toBe("end\n");
  });

  test("whose input fails is ended, and the caller hears of the failure", async () => {
    const failing = (async function* () {
      yield Buffer.from("x");
      throw new Error("the source broke");
    })();
    await expect(sh(sandbox, "cat; sleep 600", { stdin: failing })).rejects.toThrow(
      "the source broke",
    );
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
  });

  test("can open its own outputs by name", async () => {
    const result = await sh(sandbox, "echo out > /dev/stdout; echo err | tee /dev/stderr");
    expect(result).toMatchObject({ out: "out\nerr\n", err: "err\n", exitCode: 0 });
  });

  test("leaves no process behind, not even a daemon that holds its output", async () => {
    const script = `trap '' TERM; setsid sh -c "trap '' TERM HUP; sleep 600" & sleep 601 & echo up`;
    expect(await sh(sandbox, script)).toMatchObject({ end: "exit", exitCode: 0, out: "up\n" });
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
  });

  test("leaves no daemon behind that let go of everything", async () => {
    await sh(sandbox, "setsid sleep 600 < /dev/null > /dev/null 2>&1 &");
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
  });

  test("that takes too long is ended with all it started", async () => {
    const script = `setsid sh -c "trap '' TERM HUP; sleep 600" & echo up; sleep 602`;
    const result = await sh(sandbox, script, { timeoutMs: 1_000 });
    expect(result).toMatchObject({ end: "timeout", exitCode: null, out: "up\n" });
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
  });

  test("waits for its turn while another runs", async () => {
    const step = (name: string) =>
      sh(sandbox, `echo ${name} >> /tmp/turns; sleep 0.05; echo ${name} >> /tmp/turns`);
    await Promise.all(["a", "b", "c"].map(step));
    expect((await sh(sandbox, "cat /tmp/turns")).out).toBe("a\na\nb\nb\nc\nc\n");
  });

  test("ends when its caller says so, and never begins when that comes early", async () => {
    const running = new AbortController();
    const first = sh(sandbox, "echo up; sleep 600", {
      signal: running.signal,
      onOutput: () => running.abort(),
    });
    const waiting = new AbortController();
    const second = sh(sandbox, "touch /tmp/second-ran", { signal: waiting.signal });
    waiting.abort();
    expect(await second).toMatchObject({ end: "killed", out: "" });
    expect(await first).toMatchObject({ end: "killed", out: "up\n" });
    expect(await sh(sandbox, "test -e /tmp/second-ran")).toMatchObject({ exitCode: 1 });
  });

  test("keeps the first and the last part of a long output", async () => {
    const result = await sh(sandbox, "echo first; head -c 1000000 /dev/zero; echo last", {
      maxOutputBytes: 1_000,
    });
    expect(result.out.length).toBe(1_000);
    expect(result.out.startsWith("first\n")).toBe(true);
    expect(result.out.endsWith("last\n")).toBe(true);
    expect(result.droppedBytes).toBe(1_000_000 + 6 + 5 - 1_000);
  });

  test("that never stops talking is ended at the limit", async () => {
    const result = await sh(sandbox, "yes", { killAfterOutputBytes: 8 * 1024 ** 2 });
    expect(result).toMatchObject({ end: "killed", signal: null });
    expect(result.droppedBytes).toBeGreaterThan(7 * 1024 ** 2);
  });

  test("is held back while its reader is busy, and memory stays bounded", async () => {
    const total = 200 * 1024 ** 2;
    let seen = 0;
    let heldUntilNs = 0n;
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers;
    const result = await sh(sandbox, `head -c ${total} /dev/zero; date +%s%N >&2`, {
      timeoutMs: 150_000,
      killAfterOutputBytes: Number.POSITIVE_INFINITY,
      onOutput: async ({ fd, data }) => {
        if (fd === 2) return;
        // Without anything to wait for: the command must not get on meanwhile.
        if (seen === 0) await new Promise((resolve) => setTimeout(resolve, 500));
        if (seen === 0) heldUntilNs = BigInt(Date.now()) * 1_000_000n;
        seen += data.length;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      },
    });
    expect(result.end).toBe("exit");
    expect(seen).toBe(total);
    expect(BigInt(result.err.trim())).toBeGreaterThan(heldUntilNs);
    expect(peak).toBeLessThan(100 * 1024 ** 2);
  });
});
