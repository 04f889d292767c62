import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const CANARY = "canary-4f1d8a6c";

/** The guest, found as a job can find it. */
const FIND_GUEST = `for p in /proc/[0-9]*; do
  [ "$(stat -c %u $p)" = 0 ] && grep -qa /opt/dunlin/ $p/cmdline && [ $p != /proc/1 ] && guest=$p
done; [ -n "$guest" ] || exit 99; pid=\${guest#/proc/}`;

/** Prints what a system call answers: its result, or the name of its error. */
const SYSCALL = `use Errno; my @a = map { /^-?[0-9]/ ? $_ + 0 : $_ } @ARGV;
my $r = syscall(shift @a, @a); print $r < 0 ? (grep { $!{$_} } keys %!)[0] : "ok", "\\n";`;

describeEachRuntime("a hostile command", (runtime) => {
  const isGvisor = runtime === "runsc";
  let sandbox: Sandbox;
  beforeAll(async () => {
    process.env["DUNLIN_TEST_CANARY"] = CANARY;
    sandbox = await providerFor(runtime).create(SPEC);
  });
  afterAll(async () => {
    delete process.env["DUNLIN_TEST_CANARY"];
    await sandbox.destroy();
  });

  test("can't signal, read or speak for the guest", async () => {
    const script = `${FIND_GUEST}
      kill -9 $pid && echo killed; kill -19 $pid && echo stopped; kill -9 1 && echo init killed
      for fd in 0 1 2; do echo x > $guest/fd/$fd && echo wrote $fd; done
      echo x > /proc/1/fd/1 && echo wrote to init
      cat $guest/mem && echo read memory; ls $guest/root/ && echo read root
      ls /run/dunlin && echo read pipes
      true`;
    const result = await sh(sandbox, script);
    expect(result).toMatchObject({ end: "exit", exitCode: 0, out: "" });
    await sh(sandbox, "kill -9 -1");
    expect((await sh(sandbox, "echo alive")).out).toBe("alive\n");
  });

  test("can't trace the guest or take its descriptors", async () => {
    const [ptrace, pidfdOpen, pidfdGetfd, attach] = [101, 434, 438, 16];
    const script = `${FIND_GUEST}
      perl -e '${SYSCALL}' ${ptrace} ${attach} $pid 0 0
      perl -e 'my $fd = syscall(${pidfdOpen}, ${"$ARGV[0]"} + 0, 0); my $r = syscall(${pidfdGetfd}, $fd, 1, 0);
        print $r < 0 ? "refused" : "taken", "\\n"' $pid`;
    const result = await sh(sandbox, script);
    expect(result.out).toBe("EPERM\nrefused\n");
  });

  test("has no rights, gains none, and leaves the system as it is", async () => {
    const status = await sh(sandbox, "grep -E '^(CapInh|CapPrm|CapEff|CapAmb)' /proc/self/status");
    expect(status.out.match(/\t0{16}$/gm)?.length).toBe(isGvisor ? 3 : 4);
    const script = `id -u; id -G
      for path in /x /etc/x /usr/bin/x /opt/dunlin/x /run/x /proc/sys/kernel/core_pattern; do
        (echo x > $path) 2>/dev/null && echo wrote $path; done
      find / -xdev -perm -4000 -type f 2>/dev/null | grep -q . && su root -c id 2>/dev/null </dev/null
      unshare -r true 2>/dev/null && echo new user namespace
      true`;
    const expected = isGvisor ? /^1000\n1000\n(new user namespace\n)?$/ : /^1000\n1000\n$/;
    expect((await sh(sandbox, script)).out).toMatch(expected);
  });

  test("has no way to the kernel's riskier parts", async () => {
    const [socket, ioUringSetup, bpf, keyctl, stream] = [41, 425, 321, 250, 1];
    const [vsock, alg, packet] = [40, 38, 17];
    const calls = [
      ...[vsock, alg, packet].map((family) => [socket, family, stream, 0]),
      [ioUringSetup, 8, 0],
      [bpf, 0, 0, 0],
      [keyctl, 0, 0],
    ];
    const script = calls.map((call) => `perl -e '${SYSCALL}' ${call.join(" ")}`).join("\n");
    const { out } = await sh(sandbox, script);
    expect(out.trim().split("\n")).toHaveLength(calls.length);
    expect(out).not.toContain("ok");
    if (!isGvisor) expect(out).toBe("EPERM\n".repeat(calls.length));
  });

  test("can still do what builds do", async () => {
    const script = `set -e
      node -e 'new (require("node:worker_threads").Worker)("process.stdout.write(String(1))", { eval: true })'
      node -e 'require("node:net").createServer().listen(0, "127.0.0.1", function () { this.close() })'
      node -e 'require("node:os").networkInterfaces(); require("node:child_process").execSync("true")'
      git init -q repo && cd repo && git -c user.name=n -c user.email=e commit -q --allow-empty -m m
      mkfifo fifo; ln -s a b; chmod +x .git; (sleep 0 & wait); echo fine`;
    expect(await sh(sandbox, script)).toMatchObject({ exitCode: 0, out: "1fine\n" });
  });

  test("finds nothing of the host's environment, and no way out", async () => {
    const search = `cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; env; mount; ls -a / /run /home`;
    const { out } = await sh(sandbox, search);
    expect(out).not.toContain(CANARY);
    expect(out).not.toContain("docker.sock");
    const dial = `node -e '
      const net = require("node:net"), dns = require("node:dns");
      for (const host of ["1.1.1.1", "169.254.169.254", "10.0.0.1", "172.17.0.1"])
        net.connect({ host, port: 80 }).on("connect", () => console.log("reached", host)).on("error", (e) => console.log(e.code));
      dns.lookup("example.org", (e) => console.log(e ? "no name" : "resolved"));'`;
    const lines = (await sh(sandbox, dial)).out.trim().split("\n").sort();
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => !/^(E(NET|HOST)UNREACH|no name)$/.test(line))).toEqual([]);
  });
});
