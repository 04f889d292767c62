import { commands, type Lies, missingWall, results, sandboxes } from "./lie.ts";

export const ISOLATION_LIES: Lies = {
  "Commands run as an unprivileged user, in no group of weight.": missingWall("id -G", "group 0\n"),
  "Commands have no capabilities.": missingWall("'^Cap", "CapEff:\t00000000a80425fb\n"),
  "No set-user-id program makes a command another user.": missingWall("su root", "uid=0(root)\n"),
  "The system's own folders can't be written, the guest's program least of all.": missingWall(
    "/opt/dunlin",
    "/opt/dunlin\n",
  ),
  "The kernel's settings can't be changed.": missingWall("core_pattern", "/proc/sysrq-trigger\n"),
  "Control groups can't be changed.": missingWall("release_agent", "release_agent\n"),
  "Nothing can be mounted.": missingWall("mount --bind", "bind\n"),
  "No device can be made that could be used.": missingWall("mknod", "x"),
  "Commands get no rights of root in a user namespace of their own.": missingWall("unshare", "0\n"),
  "No disk and no memory of the host is there as a device.": missingWall(
    "/dev -type b",
    "/dev/vda\n",
  ),
  "The clock can't be set.": missingWall("date -s", "set\n"),
  "The kernel's riskier calls are refused: io_uring, bpf, keys, and sockets of odd families.":
    missingWall("io_uring", "io_uring\n"),
  "A command can't signal the guest.": missingWall("kill -0", "7\nkilled 7\n"),
  "A command that kills all it can leaves the sandbox as it was.": commands(
    async (exec, argv, options, sandbox) => {
      const result = await exec(argv, options);
      if (argv[2] === "kill -9 -1") await sandbox.destroy();
      return result;
    },
  ),
  "A command can't read the guest's memory or its output, or enter its folders.": missingWall(
    "/mem)",
    "7 memory\n",
  ),
  "A command can't see the guest's environment, nor what it has open.": missingWall(
    "environ maps",
    "7 environ\n",
  ),
  "A command can't speak for the guest.": missingWall("echo x > /proc/$pid/fd", "7 1\n"),
  "A command can't trace the guest.": missingWall("16 $pid 0 0", "0"),
  "Nothing of the host's environment can be found in any process.": missingWall(
    "/environ /proc",
    "DUNLIN_CONFORMANCE=canary\n",
  ),
  "The host's processes can't be seen.": missingWall(
    '/cmdline 2>/dev/null | grep "^sleep',
    "sleep 1\n",
  ),
  "The container engine's socket isn't there, and neither is anything that leads to it.":
    missingWall("docker*.sock", "/run/docker.sock\n"),
  "No folder of the host's homes or of this process is mounted.": missingWall(
    "ls -d",
    `/dev/vda ${process.cwd()} ext4 rw 0 0\n`,
  ),
  "The host's name isn't the sandbox's.": results((_, argv) =>
    argv[2]?.startsWith("uname -n") ? { stdout: new Uint8Array() } : {},
  ),
  "Two sandboxes share no files, no memory and no processes.": missingWall(
    "ls /workspace/left-here",
    "/dev/shm/left-here\n",
  ),
  "A server in one sandbox can't be reached from another.": missingWall("7654, host", "reached\n"),
};

const sandboxDies = sandboxes((sandbox) => ({
  exec: async (argv, options) => {
    const result = await sandbox.exec(argv, options);
    // Neither an answer nor a loss: the next command never gets its turn.
    return argv[2] === "echo alive" ? { ...result, end: "timeout", exitCode: null } : result;
  },
}));

const endsAs = (fragment: string) =>
  results((_, argv) => (argv[2]?.includes(fragment) ? { end: "killed", exitCode: null } : {}));

const says = (fragment: string, out: string, err = "") =>
  results((_, argv) =>
    argv[2]?.includes(fragment) ? { stdout: Buffer.from(out), stderr: Buffer.from(err) } : {},
  );

export const LIMIT_LIES: Lies = {
  "A command that takes more than all memory ends as `oom`.": endsAs("2**24 while 1"),
  "Many processes that take all memory together end as one that does, or with their time.":
    sandboxDies,
  "No more processes can be started than allowed.": says("-lt 200", "200\n"),
  "A fork bomb ends with its time or with the sandbox, and is never silence.": sandboxDies,
  "A sandbox at its limits doesn't keep its neighbour from working.": says("seq 60", ""),
  "A sandbox takes no more processors than it was given.": (stage) => {
    let ms = 0;
    return { ...stage, processorMs: async () => (ms += 10_000) };
  },
  "The workspace holds no more than allowed: a command that writes on finds no space.": says(
    "stat -c %s",
    `${100 * 1024 ** 2}\n`,
  ),
  "A file that doesn't fit into the workspace is refused with that reason.": sandboxes(
    (sandbox) => ({
      writeFiles: (files) => sandbox.writeFiles(files).catch(() => {}),
    }),
  ),
  "No other place that commands can write to is without end.": missingWall(
    "has no end",
    "/tmp has no end\n",
  ),
  "A full workspace can be read and made empty again.": sandboxes(() => ({
    readFile: async () => new Uint8Array(),
  })),
  "The number of files has an end, empty ones included.": says("%c /workspace", "0\n"),
  "Open files and the size of a file have an end, and no core is dumped.": missingWall(
    "-Hc)",
    "core: unlimited\n",
  ),
  "A command can't raise its own limits.": missingWall("-Hn 1000000", "open files\n"),
};
