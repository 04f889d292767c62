import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { describeOn, openGround, sh } from "./bubblewrap-fixture.ts";
import { SPEC } from "./bubblewrap-spec.ts";

const ground = await openGround();
afterAll(() => ground.close());

describeOn(ground, "the walls of a sandbox under bubblewrap", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await ground.provider.create(SPEC);
  });
  afterAll(() => sandbox.destroy());

  test("the root has the host's programs and nothing else of it", async () => {
    const { out } = await sh(sandbox, "ls -A /; echo --; ls -A /home /opt /run /sys /tmp");
    const [root = "", rest] = out.split("--\n");
    const links = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"];
    const own = ["dev", "etc", "home", "opt", "proc", "run", "sys", "tmp", "usr", "workspace"];
    const names = root.trim().split("\n");
    expect(names.filter((name) => !links.includes(name))).toEqual(own);
    expect(rest).toBe("/home:\njob\n\n/opt:\ndunlin\n\n/run:\ndunlin\n\n/sys:\nfs\n\n/tmp:\n");
  });

  test("files of the host can't be read by any path", async () => {
    const places = [tmpdir(), "/root", "/var/tmp", "/home", "/etc", "/usr/local/etc", "/dev/shm"];
    for (const place of places) {
      const folder = await mkdtemp(join(place, "dunlin-canary-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await chmod(folder, 0o755);
      const file = join(folder, "secret");
      await writeFile(file, "the canary sings", { mode: 0o644 });
      const paths = ["", "/proc/1/root", "/proc/2/root", "/proc/2/cwd", "/proc/self/root"];
      const tries = paths.map((prefix) => `cat ${prefix}${file}`).join("; ");
      const { out, err } = await sh(sandbox, tries);
      expect(`${file}: ${out}`).toBe(`${file}: `);
      expect(err.match(/No such file|Permission denied/g)).toHaveLength(paths.length);
    }
    const { out } = await sh(sandbox, "cat /etc/shadow /etc/ssl/private/* /etc/ssh/* 2>/dev/null");
    expect(out).toBe("");
  });

  test("a job can write in its own folders only", async () => {
    const { out } = await sh(
      sandbox,
      "find / \\( -path /proc -o -path /usr \\) -prune -o \\( -type d -o -type f \\) -writable ! -path '/dev/[a-z]*' -print 2>/dev/null | sort",
    );
    expect(out.trim().split("\n")).toEqual(["/home/job", "/tmp", "/workspace"]);
    const { err } = await sh(
      sandbox,
      "touch /usr/x /etc/x /opt/dunlin/x /x; mount -o remount,rw /",
    );
    expect(err.match(/Read-only file system|Permission denied|must be superuser/g)).toHaveLength(5);
  });

  test("no process of the host can be seen or signalled", async () => {
    const other = spawn("sleep", ["600"]);
    onTestFinished(() => void other.kill());
    await once(other, "spawn");
    const { out, err } = await sh(
      sandbox,
      `ls /proc | grep -E '^[0-9]+$' | wc -l; kill -9 ${other.pid}; kill -9 ${process.pid}; ls /proc/${process.pid}`,
    );
    expect(Number(out)).toBeLessThan(10);
    expect(err.match(/No such (process|file)/g)).toHaveLength(3);
    expect(other.exitCode).toBeNull();
  });

  test("a job can't kill, trace or look into the guest", async () => {
    const ptrace = process.arch === "x64" ? 101 : 117;
    const { out } = await sh(
      sandbox,
      `for pid in 1 2; do for signal in KILL TERM STOP; do
         kill -$signal $pid 2>/dev/null && echo "signalled $pid"; done
         cat /proc/$pid/environ /proc/$pid/mem /proc/$pid/maps 2>/dev/null
         ls /proc/$pid/fd /proc/$pid/root 2>/dev/null
         perl -e 'print "attach ", syscall(${ptrace}, 16, '$pid', 0, 0), " ", $!+0, "\\n"'
       done; kill -9 -1`,
    );
    expect(out).toBe("attach -1 1\nattach -1 1\n");
    expect(await sh(sandbox, "echo alive")).toMatchObject({ end: "exit", out: "alive\n" });
  });

  test("a job is nobody on the host, without rights and without a way to more", async () => {
    const { out } = await sh(
      sandbox,
      "id; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; cat /proc/self/uid_map; unshare -Ur true || echo refused",
    );
    expect(out).toContain("uid=1000(job) gid=1000(job) groups=1000(job)\n");
    for (const set of ["Inh", "Prm", "Eff", "Amb"])
      expect(out).toContain(`Cap${set}:\t${"0".repeat(16)}`);
    expect(out).toContain("CapBnd:\t00000000000000e0");
    expect(out).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2/);
    const [, root, job] = /^ +0 +(\d+) +1\n +1000 +(\d+) +1\nrefused\n$/m.exec(out) ?? [];
    expect(Number(root)).toBeGreaterThanOrEqual(0x7000_0000);
    expect(Number(job)).toBe(Number(root) + 1);
  });

  test("a job can't be spared before the guest when memory ends", async () => {
    const { out } = await sh(
      sandbox,
      // The guest has a job's own score for a moment, to hand it down.
      `until [ "$(cat /proc/2/oom_score_adj)" -lt 1000 ]; do :; done
       cat /proc/2/oom_score_adj /proc/$$/oom_score_adj
       for score in -1000 -1 0 100 499 500; do echo $score > /proc/$$/oom_score_adj && break; done 2>/dev/null
       cat /proc/$$/oom_score_adj`,
    );
    const [guest = Number.NaN, job, lowest] = out.trim().split("\n").map(Number);
    expect(job).toBe(1000);
    expect(guest).toBeLessThan(1000);
    expect(lowest).toBeGreaterThanOrEqual(guest);
  });

  test("two sandboxes have no user in common", async () => {
    await using other = await ground.provider.create(SPEC);
    const mapOf = async (one: Sandbox) => (await sh(one, "cat /proc/self/uid_map")).out;
    expect(await mapOf(other)).not.toBe(await mapOf(sandbox));
  });

  test("there is no network but a loopback of its own", async () => {
    const server = createServer((socket) => socket.end("reached"));
    const local = createServer((socket) => socket.end("reached"));
    onTestFinished(() => void [server, local].map((one) => one.close()));
    server.listen(0, "0.0.0.0");
    local.listen(`\0dunlin-canary-${process.pid}`);
    await Promise.all([server, local].map((one) => once(one, "listening")));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const hosts = ["127.0.0.1", "169.254.169.254", "192.0.2.1"];
    for (const list of Object.values(networkInterfaces())) {
      for (const found of list ?? []) if (found.family === "IPv4") hosts.push(found.address);
    }
    const program = `const targets = [...${JSON.stringify(hosts)}.map((host) => ({ host, port: ${port} })), { path: "\\0dunlin-canary-${process.pid}" }];
      for (const target of targets) await new Promise((resolve) => {
        const socket = require("net").connect(target);
        socket.on("data", (data) => console.log(String(data))).on("error", (error) => console.log(error.code)).on("close", resolve);
      });`;
    const { out } = await sh(
      sandbox,
      `node -e '(async () => { ${program} })()'; tail -n +3 /proc/net/dev`,
    );
    const lines = out.trim().split("\n");
    expect(lines.slice(0, hosts.length + 1)).not.toContain("reached");
    expect(lines.filter((line) => /ECONNREFUSED|ENETUNREACH/.test(line))).toHaveLength(
      hosts.length + 1,
    );
    expect(lines.slice(hosts.length + 1).map((line) => line.trim().split(":")[0])).toEqual(["lo"]);
  });

  test.skipIf(process.arch !== "x64")("the kernel refuses the calls of the profile", async () => {
    const calls = {
      io_uring_setup: [425, 1],
      vsock: [41, 1, 40, 1, 0],
      algorithms: [41, 1, 38, 5, 0],
      unshare: [272, 1, 0x1000_0000],
      keyctl: [250, 1],
      bpf: [321, 1],
      mount: [165, 1],
      userfaultfd: [323, 1],
      perf: [298, 1],
      setns: [308, 1],
      kexec: [246, 1],
      module: [175, 1],
      x32: [0x4000_0000 + 39, 1],
      clone3: [435, 38],
    } as const;
    const lines = Object.entries(calls).map(
      ([name, [number, , ...rest]]) =>
        `syscall(${[number, ...rest, 0, 0, 0].join(", ")}); print "${name} ", $!+0, "\\n";`,
    );
    const { out } = await sh(
      sandbox,
      `perl -e '${lines.join(" ")} $!=0; print "pid ", syscall(39) == $$, "\\n"'`,
    );
    const expected = Object.entries(calls).map(([name, [, errno]]) => `${name} ${errno}\n`);
    expect(out).toBe(`${expected.join("")}pid 1\n`);
  });

  test("a descriptor that Dunlin was started with goes no further", async () => {
    const script = `import { createBubblewrapProvider } from ${JSON.stringify(join(import.meta.dirname, "../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts"))};
      import { createLog } from ${JSON.stringify(join(import.meta.dirname, "../../src/log.ts"))};
      const provider = createBubblewrapProvider({ stateFolder: ${JSON.stringify(ground.stateFolder)}, log: createLog("warn") });
      await using sandbox = await provider.create(${JSON.stringify(SPEC)});
      const { stdout } = await sandbox.exec(["ls", "/proc/self/fd"], { timeoutMs: 60000 });
      process.stdout.write(stdout);`;
    const dunlin = spawn("bash", [
      "-c",
      'exec 9</etc/shadow 77</etc/shadow; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    let said = "";
    dunlin.stdout.on("data", (data) => (said += data));
    await once(dunlin, "close");
    expect(said).toBe("0\n1\n2\n3\n");
  });

  test("nothing of Dunlin's environment, name or folders is shown", async () => {
    vi.stubEnv("DUNLIN_CANARY", "the canary sings");
    onTestFinished(() => void vi.unstubAllEnvs());
    await using other = await ground.provider.create(SPEC);
    const { out } = await sh(
      other,
      "env | sort; hostname; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' ' '",
    );
    const names = [...out.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    const own = ["CI", "GIT_PAGER", "HOME", "LANG", "NO_COLOR", "PAGER", "PATH", "PWD", "TERM"];
    expect(names.slice(0, own.length)).toEqual(own);
    expect(out).toContain("\nsandbox\n");
    expect(out).not.toMatch(/canary sings|DUNLIN_/);
    for (const name of [ground.stateFolder, other.id]) expect(out).not.toContain(name);
  });

  test("what the kernel tells of the host is hidden, its settings are read-only", async () => {
    const { out, err } = await sh(
      sandbox,
      "cat /proc/cmdline /proc/kallsyms /proc/keys /proc/timer_list /proc/kmsg /proc/kcore 2>/dev/null; echo 1 > /proc/sys/kernel/core_pattern; echo b > /proc/sysrq-trigger; echo 1 > /proc/irq/default_smp_affinity; ls /sys /sys/fs; find /sys/fs/cgroup -writable",
    );
    expect(out).toBe("/sys:\nfs\n\n/sys/fs:\ncgroup\n");
    expect(
      err.match(/Read-only file system|Permission denied|nonexistent|No such file/gi),
    ).toHaveLength(3);
  });

  test("the tools that a repository needs are there", async () => {
    const { out } = await sh(
      sandbox,
      "node --version; npm --version; git init -q /tmp/r && git -C /tmp/r status -s && echo git; echo out > /dev/stdout; printf x > /dev/shm/x && cat /dev/shm/x; getent hosts localhost >/dev/null && echo localhost",
    );
    expect(out).toMatch(/^v24\.\d+\.\d+\n11\.\d+\.\d+\ngit\nout\nxlocalhost\n$/);
  });
});
