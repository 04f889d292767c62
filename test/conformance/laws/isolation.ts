import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { CANARY } from "../canary.ts";
import type { Law } from "../law.ts";
import { findsNothing, probe, sh } from "../shell.ts";

/** The guest and whatever else isn't the commands' own user's, as a command can find it. */
const OTHERS = `for p in /proc/[0-9]*; do
  [ "$(stat -c %u $p 2>/dev/null)" != "$(id -u)" ] && pids="$pids \${p#/proc/}"; done`;

/** Prints what a system call answers: its result, or nothing when it was refused. */
const SYSCALL = `my @a = map { $_ + 0 } @ARGV; my $r = syscall(shift @a, @a); print "$r" if $r >= 0;`;

const CALLS = {
  x86_64: { socket: 41, ptrace: 101, bpf: 321, keyctl: 250, perf: 298, userfaultfd: 323 },
  aarch64: { socket: 198, ptrace: 117, bpf: 280, keyctl: 219, perf: 241, userfaultfd: 282 },
};
const IO_URING_SETUP = 425;
const [AF_VSOCK, AF_ALG, AF_PACKET] = [40, 38, 17];

/** What stands between a command and the host, and between two sandboxes. */
export const ISOLATION_LAWS: readonly Law[] = [
  {
    promise: "Commands run as an unprivileged user, in no group of weight.",
    async check({ shared }) {
      const script = `[ "$(id -u)" -ge 1000 ] || echo user $(id -u)
        for g in $(id -G); do [ $g -ge 1000 ] || echo group $g; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "Commands have no capabilities.",
    async check({ shared }) {
      const script = "grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status | grep -vE '\\s0{16}$'";
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "No set-user-id program makes a command another user.",
    async check({ shared }) {
      const script = `cp "$(command -v id)" /tmp/id-$$ && chmod 4755 /tmp/id-$$ && rm -f /tmp/id-$$
        (echo; echo) | timeout 5 su root -c id 2>/dev/null; timeout 5 sudo -n id 2>/dev/null
        for p in $(find / -xdev -perm -4000 -type f -name '*mount' 2>/dev/null); do
          timeout 5 $p -t tmpfs none /tmp 2>/dev/null && echo $p mounted; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "The system's own folders can't be written, the guest's program least of all.",
    async check({ shared }) {
      const script = `for p in / /bin /boot /etc /lib /opt /opt/dunlin /root /run /sbin /sys /usr /usr/bin /usr/local/bin /var; do
        (: > $p/conformance) 2>/dev/null && echo $p; done
        find /opt/dunlin -writable ! -type l 2>/dev/null`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "The kernel's settings can't be changed.",
    async check({ shared }) {
      const script = `for p in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/vm/overcommit_memory /proc/sysrq-trigger /sys/kernel/uevent_helper /sys/power/state; do
        (echo 0 > $p) 2>/dev/null && echo $p; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "Control groups can't be changed.",
    async check({ shared }) {
      const script = `find /sys/fs/cgroup -type f -writable 2>/dev/null | head -n 3
        for p in $(find /sys/fs/cgroup -name release_agent -o -name 'memory.limit_in_bytes' -o -name memory.max -o -name pids.max 2>/dev/null); do
          (echo 1 > $p) 2>/dev/null && echo $p; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "Nothing can be mounted.",
    async check({ shared }) {
      const script = `mkdir -p /tmp/m; mount -t tmpfs none /tmp/m 2>/dev/null && echo tmpfs
        mount -t proc none /tmp/m 2>/dev/null && echo proc; mount --bind / /tmp/m 2>/dev/null && echo bind
        rmdir /tmp/m`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "No device can be made that could be used.",
    // One of the sandbox's own kernel leads nowhere else.
    needs: "the host's kernel",
    async check({ shared }) {
      const script = `mknod /tmp/zero c 1 5 2>/dev/null && head -c 1 /tmp/zero 2>/dev/null | tr '\\0' x
        mknod /tmp/disk b 8 0 2>/dev/null && head -c 1 /tmp/disk 2>/dev/null | tr '\\0' x; rm -f /tmp/zero /tmp/disk`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "Commands get no rights of root in a user namespace of their own.",
    needs: "the host's kernel",
    async check({ shared }) {
      await findsNothing(
        await shared(),
        "unshare -Ur id -u 2>/dev/null; unshare -m true 2>/dev/null && echo mounts",
      );
    },
  },
  {
    promise: "No disk and no memory of the host is there as a device.",
    async check({ shared }) {
      const script = `find /dev -type b 2>/dev/null
        for d in mem kmem port kvm loop-control mapper/control vhost-net; do [ -r /dev/$d ] && echo $d; done
        head -c 1 /dev/kmsg 2>/dev/null; head -c 1 /proc/kcore 2>/dev/null`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "The clock can't be set.",
    async check({ shared }) {
      await findsNothing(await shared(), "date -s 2001-01-01 > /dev/null 2>&1 && echo set");
    },
  },
  {
    needs: "the host's kernel",
    promise:
      "The kernel's riskier calls are refused: io_uring, bpf, keys, and sockets of odd families.",
    async check({ shared }) {
      const sandbox = await shared();
      const machine = (await sh(sandbox, "uname -m")).out.trim();
      const calls = CALLS[machine as keyof typeof CALLS] ?? CALLS.x86_64;
      const all = {
        vsock: [calls.socket, AF_VSOCK, 1, 0],
        alg: [calls.socket, AF_ALG, 5, 0],
        packet: [calls.socket, AF_PACKET, 3, 0],
        io_uring: [IO_URING_SETUP, 8, 0],
        bpf: [calls.bpf, 0, 0, 0],
        keyctl: [calls.keyctl, 0, -3, 0],
      };
      const lines = Object.entries(all).map(
        ([name, call]) => `[ -z "$(perl -e '${SYSCALL}' -- ${call.join(" ")})" ] || echo ${name}`,
      );
      await findsNothing(sandbox, ["perl -e 1 || echo no perl", ...lines].join("\n"));
    },
  },
  {
    promise: "A command can't signal the guest.",
    async check({ shared }) {
      const script = `${OTHERS}; [ -n "$pids" ] || echo nobody to signal
        for pid in $pids; do kill -0 $pid 2>/dev/null && echo $pid; kill -9 $pid 2>/dev/null && echo killed $pid; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "A command that kills all it can leaves the sandbox as it was.",
    async check({ shared }) {
      const sandbox = await shared();
      await probe(sandbox, "kill -9 -1");
      const { end, out } = await sh(sandbox, "echo alive");
      assert.deepEqual([end, out, sandbox.lost.aborted], ["exit", "alive\n", false]);
    },
  },
  {
    promise: "A command can't read the guest's memory or its output, or enter its folders.",
    async check({ shared }) {
      const script = `${OTHERS}; for pid in $pids; do
          (head -c 1 < /proc/$pid/mem) > /dev/null 2>&1 && echo $pid memory
          for f in root cwd; do ls /proc/$pid/$f/ > /dev/null 2>&1 && echo $pid $f; done
          for fd in 0 1 2 3 4 5; do (timeout 1 head -c 1 < /proc/$pid/fd/$fd) > /dev/null 2>&1 && echo $pid $fd; done; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "A command can't see the guest's environment, nor what it has open.",
    needs: "the host's kernel",
    async check({ shared }) {
      const script = `${OTHERS}; for pid in $pids; do
          for f in environ maps; do [ -n "$(head -c 1 /proc/$pid/$f 2>/dev/null | tr '\\0' x)" ] && echo $pid $f; done
          for f in root cwd exe fd/0 fd/1 fd/2; do readlink /proc/$pid/$f > /dev/null 2>&1 && echo $pid $f; done; done`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "A command can't speak for the guest.",
    async check({ shared }) {
      const script = `${OTHERS}; for pid in 1 $pids; do for fd in 0 1 2 3 4 5 6 7 8 9; do
        (echo x > /proc/$pid/fd/$fd) 2>/dev/null && echo $pid $fd; done; done
        ls /run/dunlin 2>/dev/null`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "A command can't trace the guest.",
    async check({ shared }) {
      const sandbox = await shared();
      const machine = (await sh(sandbox, "uname -m")).out.trim();
      const { ptrace } = CALLS[machine as keyof typeof CALLS] ?? CALLS.x86_64;
      const script = `perl -e 1 || echo no perl
        ${OTHERS}; for pid in $pids; do perl -e '${SYSCALL}' -- ${ptrace} 16 $pid 0 0; done`;
      await findsNothing(sandbox, script);
    },
  },
  {
    promise: "Nothing of the host's environment can be found in any process.",
    async check({ shared }) {
      const script = `cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep '[c]${CANARY.slice(1)}'`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "The host's processes can't be seen.",
    async check({ shared }) {
      const sandbox = await shared();
      const seconds = `${100_000 + Math.floor(Math.random() * 1e6)}`;
      const onHost = spawn("sleep", [seconds], { stdio: "ignore" });
      try {
        // In two parts, so that the search doesn't find itself.
        const script = `tr '\\0' ' ' 2>/dev/null < /proc/self/cmdline > /dev/null
          for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep "^sleep ${seconds.slice(0, 3)}"'${seconds.slice(3)}'; done`;
        await findsNothing(sandbox, script);
      } finally {
        onHost.kill("SIGKILL");
      }
    },
  },
  {
    promise: "The container engine's socket isn't there, and neither is anything that leads to it.",
    async check({ shared }) {
      const script = `find / -xdev \\( -name '*docker*.sock' -o -name 'containerd*.sock' -o -name 'podman*.sock' \\) 2>/dev/null
        grep -E '(docker|containerd|podman|dunlin)[^ ]*\\.sock' /proc/mounts
        env | grep -E '^(DOCKER|CONTAINER)_HOST'`;
      await findsNothing(await shared(), script);
    },
  },
  {
    promise: "No folder of the host's homes or of this process is mounted.",
    async check({ shared }) {
      const { out } = await probe(
        await shared(),
        `cat /proc/mounts; ls -d ${process.cwd()}; echo checked`,
      );
      const places = out.split("\n").map((line) => line.split(" ")[1] ?? line);
      assert.ok(out.endsWith("checked\n"), "The mounts could not be read.");
      const wrong = places.filter((place) => place === "/root" || place.startsWith(process.cwd()));
      assert.deepEqual([wrong, out.includes(`\n${process.cwd()}\n`)], [[], false]);
    },
  },
  {
    promise: "The host's name isn't the sandbox's.",
    async check({ shared }) {
      const { out } = await probe(await shared(), "uname -n; echo checked");
      assert.ok(out.endsWith("checked\n"));
      assert.ok(!out.startsWith(`${hostname()}\n`), `It is called ${hostname()} too.`);
    },
  },
  {
    promise: "Two sandboxes share no files, no memory and no processes.",
    async check({ shared, create }) {
      const [one, other] = [await shared(), await create()];
      const places = "/workspace/left-here /tmp/left-here /dev/shm/left-here ~/left-here";
      const control = new AbortController();
      const isUp = Promise.withResolvers<void>();
      const leave = `for f in ${places}; do echo x > $f; done; echo up; sleep 300.125`;
      const options = { signal: control.signal, onOutput: () => isUp.resolve() };
      const staying = probe(one, leave, options);
      await Promise.race([isUp.promise, staying]);
      const script = `ls ${places} 2>/dev/null
        cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep 'sleep 300[.]125'`;
      await findsNothing(other, script);
      control.abort();
      await staying;
      await probe(one, `rm -f ${places}`);
    },
  },
  {
    promise: "A server in one sandbox can't be reached from another.",
    async check({ shared, create }) {
      const [one, other] = [await shared(), await create()];
      const control = new AbortController();
      const isUp = Promise.withResolvers<void>();
      const serve = `require("node:net").createServer().listen(7654, "0.0.0.0", () => console.log("up"));
        require("node:net").createServer().listen("\\0conformance");`;
      const serving = probe(one, `node -e '${serve}'`, {
        signal: control.signal,
        onOutput: () => isUp.resolve(),
      });
      await Promise.race([isUp.promise, serving]);
      const dial = `for (const to of [{ port: 7654, host: "127.0.0.1" }, { path: "\\0conformance" }])
        require("node:net").connect(to).on("connect", () => { console.log("reached", to); process.exit() }).on("error", () => {});`;
      await findsNothing(other, `node -e '${dial}'`);
      control.abort();
      await serving;
    },
  },
];
