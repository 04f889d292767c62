import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Sandbox, SandboxLimits } from "../../src/sandbox/sandbox.ts";
import { eventually } from "../conformance/shell.ts";
import { describeOn, groupsOf, openGround, sh } from "./bubblewrap-fixture.ts";
import { SPEC } from "./bubblewrap-spec.ts";

const ground = await openGround();
afterAll(() => ground.close());
const held = ground.report.capabilities?.limits ?? [];

const TIGHT: SandboxLimits = { cpus: 1, memoryMiB: 128, pids: 48, workspaceMiB: 16 };
/** Prints how many processes of the job's user there are, the shell that counts left out. */
const COUNT_JOBS = `n=0; for p in /proc/[0-9]*; do
  [ "$(stat -c %u "$p" 2>/dev/null)" = 1000 ] && [ "$p" != "/proc/$$" ] && [ -e "$p/exe" ] && n=$((n+1))
done; echo $n`;
const take = (bytes: number) => `perl -e '$x = "a" x ${bytes}; sleep 4'`;

function create(limits: Partial<SandboxLimits> = {}): Promise<Sandbox> {
  return ground.provider.create({ ...SPEC, limits: { ...TIGHT, ...limits } });
}

describeOn(ground, "the limits of a sandbox under bubblewrap", () => {
  test("a fork bomb ends with its command, and the sandbox goes on", async () => {
    await using sandbox = await create();
    const bomb = "bomb() { bomb | bomb & }; bomb; sleep 600";
    // Its first shell may be the one that can't start another process.
    expect((await sh(sandbox, bomb, { timeoutMs: 2_000 })).end).toMatch(/^(timeout|exit)$/);
    expect(await sh(sandbox, COUNT_JOBS)).toMatchObject({ end: "exit", out: "0\n" });
  });

  test("no more processes can be started than allowed, and all of them may be again", async () => {
    await using sandbox = await create();
    const start =
      "(i=0; while [ $i -lt 200 ]; do sleep 600 >/dev/null & i=$((i+1)); echo $i; done) 2>/dev/null | tail -n 1";
    const first = Number((await sh(sandbox, start)).out);
    expect(first).toBeGreaterThan(TIGHT.pids / 2);
    expect(first).toBeLessThanOrEqual(TIGHT.pids);
    // A busy kernel takes its time to bury the killed ones.
    await eventually(async () => Number((await sh(sandbox, start)).out) === first);
  });

  test.skipIf(!held.includes("memoryMiB"))("a command that takes all memory is `oom`", async () => {
    await using sandbox = await create();
    expect((await sh(sandbox, `exec ${take(600e6)}`)).end).toBe("oom");
    const many = `for i in $(seq 30); do ${take(20e6)} & done; wait; exit 1`;
    expect((await sh(sandbox, many)).end).toBe("oom");
    expect(await sh(sandbox, "echo alive")).toMatchObject({ end: "exit", out: "alive\n" });
  });

  test.skipIf(!held.includes("memoryMiB"))(
    "files in memory can't take more than that",
    async () => {
      await using sandbox = await create({ memoryMiB: 40 });
      const fill =
        "head -c 64M /dev/zero > /dev/shm/x; head -c 16M /dev/zero | tail -c 16M >/dev/null";
      const { end } = await sh(
        sandbox,
        `for f in /tmp /workspace; do head -c 90M /dev/zero > $f/x; done; ${fill}`,
      );
      expect(end).toBe("oom");
      // Either only the command went, or all of the sandbox: what follows is an answer in both cases.
      expect(["exit", "oom", "lost"]).toContain((await sh(sandbox, "true")).end);
    },
  );

  test("the workspace has an end in bytes and in files, and so have the other folders", async () => {
    await using sandbox = await create();
    const { out, err } = await sh(
      sandbox,
      "for f in /workspace /tmp $HOME /dev/shm; do head -c 200M /dev/zero > $f/fill; stat -c %s $f/fill; stat -f -c %c $f; rm $f/fill; done",
    );
    const MIB = 1024 ** 2;
    const [workspace, files, tmp, , home, , shm] = out.trim().split("\n").map(Number);
    expect([workspace, tmp, home, shm]).toEqual([16 * MIB, 8 * MIB, 8 * MIB, 64 * MIB]);
    expect(files).toBe(500 * 1024);
    expect(err.match(/No space left on device/g)).toHaveLength(4);
  });

  test("a file has an end, and a crash leaves no image of its memory", async () => {
    await using sandbox = await create();
    const script = "truncate -s 3G /tmp/x; ulimit -c; ulimit -n";
    const { out, err } = await sh(sandbox, script);
    expect(err).toMatch(/File (too large|size limit exceeded)/);
    expect(out).toMatch(/^0\n\d{3,4}\n$/);
  });

  test.skipIf(!held.includes("cpus"))("the kernel holds the processor's share", async () => {
    await using sandbox = await create({ cpus: 0.5 });
    const found = await Promise.all(
      (await groupsOf(sandbox.id)).flatMap((folder) => [
        readFile(join(folder, "cpu.cfs_quota_us"), "utf8").catch(() => ""),
        readFile(join(folder, "cpu.max"), "utf8").catch(() => ""),
      ]),
    );
    expect(found.join("").trim()).toMatch(/^50000( 100000)?$/);
  });

  test("a timeout ends daemons too, those that won't hear of it included", async () => {
    await using sandbox = await create();
    const daemon = `setsid sh -c 'trap "" TERM HUP; sleep 600 & sleep 600' & `;
    const { end } = await sh(sandbox, `${daemon.repeat(3)} sleep 600`, { timeoutMs: 500 });
    expect(end).toBe("timeout");
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
    expect((await sh(sandbox, daemon)).end).toBe("exit");
    expect((await sh(sandbox, COUNT_JOBS)).out).toBe("0\n");
  });
});
