import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import {
  COUNT_JOBS,
  describeEachRuntime,
  docker,
  providerFor,
  SPEC,
  sh,
} from "./sandbox-fixture.ts";

const LIMITS = { cpus: 2, memoryMiB: 192, pids: 160, workspaceMiB: 32 };
const MEMORY_HOG = ["node", "-e", "const all = []; for (;;) all.push(Buffer.alloc(2e7, 1))"];
/** Each `tail` holds what it can't write on. */
const MANY_SMALL_HOGS = `for i in $(seq 25); do
  (head -c 20000000 /dev/zero | tail -c 20000000 | sleep 600) &
done; sleep 600`;

const BOMBS = {
  "a fork bomb": "bomb() { bomb | bomb & }; bomb; sleep 600",
  "a bomb of daemons that left their session": `cat > /tmp/d.sh <<'END'
trap '' HUP INT TERM
setsid sh /tmp/d.sh &
setsid sh /tmp/d.sh &
sleep 600
END
    sh /tmp/d.sh; sleep 600`,
};
const FORTY_EATERS = `for i in $(seq 40); do
  setsid perl -e 'my $x = "x" x 20_000_000; sleep 600' &
done; sleep 20`;

describeEachRuntime("a sandbox at its limits", (runtime) => {
  const hasOwnKernel = runtime === "runsc";
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await providerFor(runtime).create({ ...SPEC, limits: LIMITS });
  });
  afterEach(() => sandbox.destroy());

  test("says that memory was why when one process takes all of it", async () => {
    const result = await sandbox.exec(MEMORY_HOG, { timeoutMs: 120_000 });
    expect(result).toMatchObject({ end: "oom", exitCode: null, signal: null });
    // On gVisor the memory of all processes is one process's to the host: the sandbox ends with it.
    if (hasOwnKernel) expect(sandbox.lost.aborted).toBe(true);
    else expect((await sh(sandbox, "echo alive")).out).toBe("alive\n");
  });

  test("says so too when many small processes take it together", async () => {
    const result = await sh(sandbox, MANY_SMALL_HOGS, { timeoutMs: 20_000 });
    if (hasOwnKernel) expect(result.end).toBe("oom");
    else {
      // The jobs die, the guest doesn't, however much bigger it is.
      expect(["oom", "timeout"]).toContain(result.end);
      expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
    }
  });

  test.each(Object.entries(BOMBS))("survives %s, or ends it with the sandbox", async (_, bomb) => {
    const result = await sh(sandbox, bomb, { timeoutMs: 3_000 });
    expect(["timeout", "exit", "oom", "lost"]).toContain(result.end);
    if (!sandbox.lost.aborted) expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
    else await expectGone(sandbox.id);
  });

  test("hears of its end at once when memory ends it as a whole", async () => {
    // The engine's own word is the measure: no promise hangs on a guest that can't speak any more.
    const ended = docker.getContainer(sandbox.id).wait();
    const result = await sh(sandbox, FORTY_EATERS, { timeoutMs: 60_000 });
    if (hasOwnKernel) {
      expect(result.end).toBe("oom");
      await ended;
      await expectGone(sandbox.id);
    } else {
      // The kernel takes the eaters, perhaps all but the shell that waits; never the guest.
      expect(["exit", "oom", "timeout"]).toContain(result.end);
      expect((await sh(sandbox, "echo alive")).out).toBe("alive\n");
      await sandbox.destroy();
      await ended;
    }
  });

  test("can't fill more than its own disk", async () => {
    const script = `for folder in /workspace /tmp /home/job; do
      head -c 200M /dev/zero > $folder/fill; done; echo still here`;
    const result = await sh(sandbox, script);
    expect(result).toMatchObject({ end: "exit", out: "still here\n" });
    expect(result.err.match(/No space left on device/g)).toHaveLength(3);
  });

  test("is over when its time is", async () => {
    await using brief = await providerFor(runtime).create({ ...SPEC, maxLifetimeMs: 2_000 });
    expect(await sh(brief, "sleep 600")).toMatchObject({ end: "lost" });
    await expectGone(brief.id);
  });
});

/** The removal follows the loss by a moment: waits for it, at most as long as a test may take. */
async function expectGone(id: string): Promise<void> {
  try {
    await docker.getContainer(id).wait({ condition: "removed" });
  } catch (error) {
    expect(error).toMatchObject({ statusCode: 404 });
  }
}
