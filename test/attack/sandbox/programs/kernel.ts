import type { AttackCase } from "../attack-case.ts";
import { refuses } from "../judges.ts";
import { node, perl } from "../program.ts";

const group = "Kernel interfaces";
/** What a filter or a missing privilege answers; anything else means that the call was looked at. */
const BARRED = ["EPERM", "ENOSYS", "EACCES", "EOPNOTSUPP", "EAFNOSUPPORT", "EPROTONOSUPPORT"];

/** One system call that nobody needs to build and test software. */
function barred(
  id: string,
  aim: string,
  kinds: readonly string[],
  source: string,
  hostKinds: readonly string[] = [],
): AttackCase {
  return {
    id,
    number: 52,
    group,
    aim,
    harm: "The host's kernel takes the call.",
    program: perl(source),
    ...refuses({ host: hostKinds, kernel: kinds, by: BARRED }),
  };
}

export const KERNEL: readonly AttackCase[] = [
  barred(
    "io-uring",
    "Sets up an io_uring, whose operations pass by a system call filter.",
    ["io_uring_setup"],
    String.raw`my $params = "\0" x 120; call('io_uring_setup', 425, 425, 8, $params);`,
  ),
  barred(
    "vsock",
    "Opens a VSOCK socket and dials the machine below, as virtual machines can.",
    [],
    String.raw`
      for my $cid (0, 1, 2, 3) {
        for my $port (22, 1024, 9999) {
          socket(my $socket, 40, SOCK_STREAM, 0) or do { told("dial:$cid:$port", 0); next };
          fcntl($socket, F_SETFL, O_NONBLOCK);
          told("dial:$cid:$port", connect($socket, pack('SSLLx4', 40, 0, $port, $cid)));
        }
      }
    `,
    ["dial"],
  ),
  barred(
    "socket-families",
    "Opens a socket of every other family: kernel cryptography, raw packets, Bluetooth, CAN, and so on.",
    ["family"],
    String.raw`
      for my $family (3 .. 9, 11 .. 15, 17 .. 46) {
        for my $type (1, 2, 3, 5) { my $ok = socket(my $socket, $family, $type, 0); if ($ok || $type == 5) { told("family:$family/$type", $ok); last } elsif (error_name() !~ /^(EPERM|EACCES|EAFNOSUPPORT)$/) { next } }
      }
    `,
  ),
  barred(
    "raw-sockets",
    "Opens raw and packet sockets to read and forge packets.",
    [],
    String.raw`
      for my $protocol (1, 6, 17, 255) { my $ok = socket(my $socket, AF_INET, SOCK_RAW, $protocol); told("raw:$protocol", $ok) }
      for my $type (2, 3) { my $ok = socket(my $socket, 17, $type, 0x0300); told("packet:$type", $ok) }
    `,
    ["raw", "packet"],
  ),
  barred(
    "netlink",
    "Changes the network and the firewall, and listens to the kernel's events, over netlink.",
    ["link", "audit", "events"],
    String.raw`
      my $link = socket(my $route, 16, SOCK_RAW, 0);
      if ($link) {
        my $name = pack('SSa8', 4 + 6, 3, "att0"); my $kind = pack('SSa8', 4 + 6, 1, "dummy"); my $info = pack('SS', 4 + length $kind, 18) . $kind;
        my $body = pack('CxSiII', 0, 0, 0, 1, 0xffffffff) . $name . $info;
        my $ask = pack('LSSLL', 16 + length $body, 16, 0x605, 1, 0) . $body;
        send($route, $ask, 0); my $answer = ''; recv($route, $answer, 4096, 0);
        my ($length, $type, $flags, $seq, $pid, $error) = unpack('LSSLLl', $answer);
        $! = -($error || 0); told('link', ($type || 0) == 2 && ($error || 0) == 0);
      } else { told('link', 0) }
      my $audit = socket(my $a, 16, SOCK_RAW, 9);
      if ($audit) { told('audit', bind($a, pack('SSLL', 16, 0, 0, 1))) } else { told('audit', 0) }
      my $events = socket(my $e, 16, SOCK_RAW, 15);
      if ($events && bind($e, pack('SSLL', 16, 0, 0, 1))) { my $bits = ''; vec($bits, fileno $e, 1) = 1; my $n = select($bits, undef, undef, 1); $! = 1; told('events', $n > 0) } else { told('events', 0) }
    `,
  ),
  barred(
    "keyrings",
    "Uses the kernel's keyrings, which containers of one user share.",
    ["keyctl", "add_key", "request_key"],
    String.raw`
      my ($type, $name, $secret) = ('user', 'attack', 'x');
      call('keyctl:get', 250, 219, 0, -3, 0); call('keyctl:join', 250, 219, 1, 0); call('keyctl:session', 250, 219, 0, -5, 1);
      call('add_key', 248, 217, $type, $name, $secret, 1, -3); call('request_key', 249, 218, $type, $name, 0, 0);
    `,
  ),
  barred(
    "bpf",
    "Loads programs and maps into the kernel.",
    ["map", "load"],
    String.raw`
      my $map = pack('LLLL', 2, 4, 4, 1) . "\0" x 112; call('map', 321, 280, 0, $map, 128);
      my $code = pack('CCsl', 0xb7, 0, 0, 0) . pack('CCsl', 0x95, 0, 0, 0); my $license = "GPL\0";
      my $load = pack('LLQQ', 1, 2, unpack('Q', pack('p', $code)), unpack('Q', pack('p', $license))) . "\0" x 104; call('load', 321, 280, 5, $load, 128);
    `,
  ),
  barred(
    "fault-handling",
    "Handles page faults itself (userfaultfd), which makes races in the kernel easy to win.",
    ["userfaultfd"],
    String.raw`call('userfaultfd', 323, 282, 0); call('userfaultfd:user', 323, 282, 1);`,
  ),
  barred(
    "performance-events",
    "Measures the machine's other programs by performance counters.",
    ["perf"],
    String.raw`
      for my $type (0, 1, 3) { my $attr = pack('LLQQQQQ', $type, 112, 0, 0, 0, 0, 0x63) . "\0" x 64; call("perf:self/$type", 298, 241, $attr, 0, -1, -1, 0); call("perf:machine/$type", 298, 241, $attr, -1, 0, -1, 0) }
    `,
  ),
  barred(
    "modules-and-boot",
    "Loads modules and kernels, restarts, swaps, renames the machine, and does what only root may.",
    [
      "module",
      "kexec",
      "reboot",
      "swap",
      "acct",
      "name",
      "ports",
      "log",
      "quota",
      "hangup",
      "numa",
      "fanotify",
    ],
    String.raw`
      my ($none, $image, $name) = ("\0", "\0" x 64, 'attack');
      call('module:init', 175, 105, $image, 64, $none); call('module:file', 313, 273, 0, $none, 0); call('module:delete', 176, 106, $name, 0);
      call('kexec:load', 246, 104, 0, 0, 0, 0); call('kexec:file', 320, 294, 0, 0, 0, $none, 0);
      call('reboot', 169, 142, 0xfee1dead, 672274793, 0, 0);
      call('swap:on', 167, 224, $name, 0); call('swap:off', 168, 225, $name);
      call('acct', 163, 89, 0); call('name:host', 170, 161, $name, 6); call('name:domain', 171, 162, $name, 6);
      if ($arm) { $! = 1; told('ports', 0) } else { call('ports:iopl', 172, -1, 3); call('ports:ioperm', 173, -1, 0x80, 1, 1) }
      my $log = "\0" x 4096; call('log:read', 103, 116, 3, $log, 4096); call('log:clear', 103, 116, 5, 0, 0);
      call('quota', 179, 60, 0x800001 << 8, $none, 0, $image); call('hangup', 153, 58);
      call('numa:migrate', 256, 238, 1, 64, $image, $image); call('fanotify', 300, 262, 0, 0); call('fanotify:content', 300, 262, 4, 0);
    `,
  ),
  {
    id: "old-call-tables",
    number: 52,
    group,
    aim: "Makes barred calls through the 32-bit and x32 tables that a filter may have forgotten.",
    harm: "A call goes through that the normal table refuses.",
    program: node(String.raw`
      if (process.arch !== "x64") { line("SKIP only x86-64 has these tables"); return; }
      const program = (number, first, interrupt) => {
        const code = [0xb8, ...word(number), interrupt ? 0xbb : 0xbf, ...word(first), ...(interrupt ? [0x31, 0xc9, 0x31, 0xd2, 0x31, 0xf6, 0x31, 0xff, 0xcd, 0x80] : [0x31, 0xf6, 0x31, 0xd2, 0x4d, 0x31, 0xd2, 0x0f, 0x05]), 0xf7, 0xd8, 0x89, 0xc7, 0xb8, ...word(60), 0x0f, 0x05];
        const head = Buffer.alloc(120); head.write("\x7fELF\x02\x01\x01", "latin1"); head.writeUInt16LE(2, 16); head.writeUInt16LE(62, 18); head.writeUInt32LE(1, 20);
        head.writeBigUInt64LE(0x400078n, 24); head.writeBigUInt64LE(64n, 32); head.writeUInt16LE(64, 52); head.writeUInt16LE(56, 54); head.writeUInt16LE(1, 56);
        head.writeUInt32LE(1, 64); head.writeUInt32LE(5, 68); head.writeBigUInt64LE(0x400000n, 80); head.writeBigUInt64LE(0x400000n, 88);
        const size = BigInt(120 + code.length); head.writeBigUInt64LE(size, 96); head.writeBigUInt64LE(size, 104); head.writeBigUInt64LE(4096n, 112);
        return Buffer.concat([head, Buffer.from(code)]);
      };
      const word = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value >>> 0); return [...bytes]; };
      const run = (name, number, first, interrupt) => {
        const file = "/workspace/call-" + name.replace(":", "-"); fs.writeFileSync(file, program(number, first, interrupt), { mode: 0o755 });
        const { status, signal, error } = spawnSync(file);
        if (error) return told(name, code(error));
        if (signal) return told(name, signal === "SIGSYS" ? "EPERM" : signal);
        told(name, status === 0 || status > 133 ? true : ({ 1: "EPERM", 38: "ENOSYS", 13: "EACCES", 14: "EFAULT", 22: "EINVAL", 97: "EAFNOSUPPORT" })[status] ?? "E" + status);
      };
      run("control", 39, 0, false); run("int80:getpid", 20, 0, true);
      for (const [name, number, first] of [["unshare", 310, 0x10000000], ["io_uring", 425, 1], ["keyctl", 288, 0], ["userfaultfd", 374, 0], ["mount", 21, 0], ["bpf", 357, 0]]) run("int80-call:" + name, number, first, true);
      for (const [name, number, first] of [["unshare", 272, 0x10000000], ["io_uring", 425, 1], ["keyctl", 250, 0], ["userfaultfd", 323, 0], ["mount", 165, 0], ["bpf", 321, 0]]) run("x32-call:" + name, 0x40000000 + number, first, false);
    `),
    ...refuses({
      kernel: ["int80-call", "x32-call"],
      noted: ["int80"],
      by: [...BARRED, "SIGSEGV", "SIGILL", "SIGTRAP", "ENOEXEC"],
    }),
  },
  barred(
    "tracing",
    "Traces process 1 and root's processes, and looks into their memory.",
    [],
    String.raw`
      for my $pid (1, root_pids()) {
        call("attach:$pid", 101, 117, 16, $pid, 0, 0); call("seize:$pid", 101, 117, 0x4206, $pid, 0, 0);
        my $room = "\0" x 64; my $local = pack('QQ', unpack('Q', pack('p', $room)), 64); my $remote = pack('QQ', 0x400000, 64);
        call("read:$pid", 310, 270, $pid, $local, 1, $remote, 1, 0); call("write:$pid", 311, 271, $pid, $local, 1, $remote, 1, 0);
      }
    `,
    ["attach", "seize", "read", "write"],
  ),
];
