import type { SandboxLimits } from "../../../../src/sandbox/sandbox.ts";
import type { AttackCase } from "../attack-case.ts";
import { all, ends, stays, step } from "../judges.ts";
import { isOwnKernel } from "../made-up.ts";
import { node, perl, sh } from "../program.ts";

const group = "Resources";
const MIB = 1 << 20;
const WAYS = ["exit", "timeout", "signal", "killed"] as const;

/** Where folders lie in memory, what they may hold is added to the limit: the workspace, two more, `/dev/shm`. */
function memoryOf({ memoryMiB, workspaceMiB }: SandboxLimits): number {
  return memoryMiB + workspaceMiB + 2 * 128 + 64;
}

/** Takes what it can get; the sandbox may be lost, the host may not notice, and the next command answers. */
function greedy(
  id: string,
  number: number,
  aim: string,
  program: AttackCase["program"],
  more: Partial<AttackCase> = {},
): AttackCase {
  const harm = "The sandbox neither answers nor ends, or takes more than its limits.";
  return { id, number, group, aim, harm, program, fresh: true, ...ends(...WAYS), ...more };
}

const FILL = String.raw`
  my ($total, $most, $block) = (0, 4 << 30, "\xa5" x (1 << 20));
  sub fill { my ($folder) = @_; my $n = 0; FILE: while ($total < $most) { open(my $out, '>', "$folder/fill.$$." . $n++) or last; for (1 .. 256) { my $w = syswrite $out, $block; if (!$w) { last FILE } $total += $w; measured('bytes', $total) if $total % (64 << 20) == 0 } } }
`;

export const RESOURCES: readonly AttackCase[] = [
  greedy(
    "fork-bomb",
    39,
    "Doubles itself without end.",
    sh("bomb() { bomb | bomb & }; bomb; sleep 600", { timeoutMs: 8000 }),
  ),
  greedy(
    "thread-bomb",
    39,
    "Starts threads without end.",
    node(
      String.raw`
      const { Worker } = require("node:worker_threads"); let started = 0, failed = 0;
      while (failed < 5 && started < 3000) await new Promise((resolve) => { const worker = new Worker("setInterval(() => {}, 1e6)", { eval: true, stdout: true, stderr: true }); worker.on("online", () => { started++; resolve(); }); worker.on("error", () => { failed++; resolve(); }); });
      measured("threads", started);
    `,
      { timeoutMs: 20_000 },
    ),
  ),
  greedy(
    "one-eater",
    40,
    "Takes memory without end in one process.",
    perl(
      String.raw`my @kept; while (1) { push @kept, chr(65 + @kept % 26) x (16 << 20); measured('MiB', 16 * @kept) }`,
      {
        timeoutMs: 30_000,
      },
    ),
    all(
      ends(...WAYS),
      stays(({ limits }) => ({ MiB: memoryOf(limits) })),
    ),
  ),
  greedy(
    "many-eaters",
    40,
    "Takes memory in 60 processes, each smaller than the guest.",
    perl(
      String.raw`for (1 .. 60) { fork_or(sub { my $kept = chr(64 + $_) x (30 << 20); sleep 600 }) } sleep 600;`,
      { timeoutMs: 12_000 },
    ),
  ),
  greedy(
    "memory-in-files",
    42,
    "Fills every folder that lies in memory.",
    perl(
      String.raw`${FILL} for my $folder (qw(/tmp /dev/shm /home/job /workspace /run /dev /dev/mqueue)) { fill($folder) } measured('bytes', $total);`,
      {
        timeoutMs: 60_000,
      },
    ),
    all(
      ends(...WAYS),
      stays(({ limits }) => ({ bytes: memoryOf(limits) * MIB })),
    ),
  ),
  greedy(
    "full-disk",
    42,
    "Looks for every folder that it may write to, the image's included, and fills it.",
    perl(
      String.raw`${FILL}
      my @folders = split /\n/, qx(find / -type d -writable -not -path '/proc/*' -not -path '/sys/*' 2>/dev/null); line('SAW', @folders);
      for my $folder (@folders) { next if $folder =~ m{^/(workspace|tmp|home/job|dev/shm)}; fill($folder) } measured('bytes', $total);
    `,
      { timeoutMs: 90_000 },
    ),
    all(
      ends(...WAYS),
      stays(() => ({ bytes: 256 * MIB })),
    ),
  ),
  greedy(
    "many-files",
    42,
    "Makes up to a million empty files.",
    perl(
      String.raw`my $n = 0; for my $folder (qw(/workspace /tmp /home/job)) { while ($n < 1e6) { sysopen(my $out, "$folder/e$n", O_CREAT | O_WRONLY) or last; $n++; measured('files', $n) if $n % 20000 == 0 } } measured('files', $n);`,
      { timeoutMs: 25_000 },
    ),
  ),
  greedy(
    "huge-file",
    42,
    "Makes files of 1 TiB without content, and writes one past any size.",
    perl(
      String.raw`$SIG{XFSZ} = 'IGNORE'; for my $folder (qw(/workspace /tmp)) { open(my $out, '>', "$folder/sparse"); truncate $out, 1 << 40; seek $out, (1 << 41), 0; syswrite $out, 'x'; line('SAW', -s "$folder/sparse") } open(my $out, '>', '/tmp/long'); my $block = "x" x (1 << 20); for (1 .. 4096) { syswrite $out, $block or last } measured('MiB', (-s '/tmp/long') >> 20);`,
      { timeoutMs: 60_000 },
    ),
    all(
      ends(...WAYS),
      stays(() => ({ MiB: 2048 })),
    ),
  ),
  greedy(
    "deep-folders",
    48,
    "Makes folders 4,000 levels deep, which no path can name.",
    perl(
      String.raw`chdir '/workspace'; my $n = 0; for (1 .. 4000) { mkdir 'd' or last; chdir 'd' or last; $n++ } open(my $out, '>', 'deep'); measured('levels', $n);`,
      { timeoutMs: 60_000 },
    ),
    {
      boundedMemory: true,
      after: [
        {
          name: "download",
          do: "download",
          folder: "/workspace",
          paths: ["d"],
          maxBytes: 64 * MIB,
        },
      ],
      ...all(
        ends(...WAYS),
        step(
          "download",
          ({ bytes }) => (bytes > 64 * MIB ? `${bytes} bytes came out.` : undefined),
          { bite: { bytes: 65 * MIB }, calm: { bytes: 1 } },
        ),
      ),
    },
  ),
  greedy(
    "busy-loops",
    43,
    "Computes in 64 processes at once, to get more done than one process could.",
    perl(
      String.raw`
      sub work {
        my ($processes) = @_; pipe(my $in, my $out); my $from = time; 1 while time == $from; my $until = time + 3;
        for (1 .. $processes) { fork_or(sub { my $done = 0; while (time < $until) { $done++ for 1 .. 20000 } syswrite $out, pack('Q', $done) }) }
        close $out; my ($sum, $one) = (0); while (sysread $in, $one, 8) { $sum += unpack 'Q', $one } 1 while wait() > 0; $sum;
      }
      my ($alone, $many) = (1, 0); for (1 .. 3) { my $done = work(1); $alone = $done if $done > $alone; $done = work(64); $many = $done if $done > $many }
      measured('percent', int(100 * $many / $alone));
    `,
      { timeoutMs: 120_000 },
    ),
    all(
      ends(...WAYS),
      stays(({ limits }) => ({ percent: Math.round(limits.cpus * 170) })),
    ),
  ),
  greedy(
    "timer-storm",
    43,
    "Arms timers, alarms and polls by the thousand.",
    node(
      String.raw`for (let at = 0; at < 50000; at++) setInterval(() => {}, 1).unref(); const until = Date.now() + 5000; const spin = () => { if (Date.now() < until) { setImmediate(spin); process.nextTick(() => {}); } }; spin(); await pause(6000);`,
    ),
  ),
  greedy(
    "posix-timers",
    43,
    "Makes kernel timers and pending signals until it gets no more.",
    perl(
      String.raw`$SIG{RTMIN} = 'IGNORE'; my $n = 0; for (1 .. 200000) { my $event = pack('QiiQ', 0, 34, 1, 0) . "\0" x 40; my $id = "\0" x 4; last if syscall($arm ? 107 : 222, 1, $event, $id) < 0; $n++ } measured('timers', $n); my $fds = 0; while (syscall($arm ? 85 : 283, 1, 0) >= 0) { $fds++ } measured('descriptors', $fds);`,
    ),
    all(
      ends(...WAYS),
      stays(({ isolation }) => ({
        // A guest's own kernel pays for them from the sandbox's memory.
        timers: isOwnKernel(isolation) ? 1_000_000 : 130_000,
        descriptors: 8192,
      })),
    ),
  ),
  greedy(
    "shared-memory",
    42,
    "Fills System V shared memory, which outlives its makers.",
    perl(
      String.raw`my $total = 0; for my $n (1 .. 64) { my $id = shmget(0, 64 << 20, 01600) // last; my $block = "x" x (1 << 20); for my $at (0 .. 63) { shmwrite($id, $block, $at << 20, 1 << 20) or last; $total++ ; measured('MiB', $total) if $total % 16 == 0 } } measured('MiB', $total);`,
      { timeoutMs: 30_000 },
    ),
    all(
      ends(...WAYS),
      stays(({ limits }) => ({ MiB: memoryOf(limits) })),
    ),
  ),
  greedy(
    "descriptors",
    43,
    "Opens pipes until it gets no more and fills each, in ten processes.",
    perl(
      String.raw`
      my @jobs; for (1 .. 10) { push @jobs, fork_or(sub { my ($total, @kept) = (0); my $block = "x" x 65536; while (1) { pipe(my $in, my $out) or last; fcntl($out, 1031, 1 << 20); fcntl($out, F_SETFL, O_NONBLOCK); while (my $n = syswrite $out, $block) { $total += $n } push @kept, $in, $out } sleep 5 }) }
      sleep 4; measured('jobs', scalar @jobs); kill 'KILL', grep { defined } @jobs;
    `,
      { timeoutMs: 30_000 },
    ),
  ),
  greedy(
    "socket-buffers",
    42,
    "Fills the buffers of thousands of sockets that nobody reads.",
    perl(
      String.raw`
      my ($total, @kept) = (0); my $block = "x" x 65536;
      while (@kept < 7000) { socketpair(my $a, my $b, 1, SOCK_DGRAM, 0) or last; setsockopt($a, SOL_SOCKET, SO_SNDBUF, 1 << 24); fcntl($a, F_SETFL, O_NONBLOCK); while (my $n = send($a, $block, 0)) { $total += $n; last if $total > 3 << 30 } push @kept, $a, $b; last if $total > 3 << 30; measured('MiB', $total >> 20) if @kept % 100 == 0 }
      measured('MiB', $total >> 20);
    `,
      { timeoutMs: 40_000 },
    ),
    all(
      ends(...WAYS),
      stays(({ limits }) => ({ MiB: memoryOf(limits) })),
    ),
  ),
  greedy(
    "missing-names",
    42,
    "Asks for half a million names that don't exist, each of which the kernel remembers.",
    perl(
      String.raw`for my $n (1 .. 500000) { -e "/workspace/none$n" } my $n = 0; for my $k (1 .. 100000) { open(my $f, '>', "/workspace/l") or last; $n++; last if $n > 1000 } measured('asked', 1);`,
      { timeoutMs: 25_000 },
    ),
  ),
  greedy(
    "watches-and-locks",
    43,
    "Makes file watches, locks and message queues until it gets no more.",
    perl(
      String.raw`
      my $watch = syscall($arm ? 26 : 294, 0); my $n = 0;
      for (1 .. 100000) { my $path = "/workspace/w$_"; mkdir $path or last; my $p = $path; last if $arm || syscall(254, $watch, $p, 0xfff) < 0; $n++ } measured('watches', $n);
      my $queues = 0; for (1 .. 50000) { last unless defined msgget(0, 01600); $queues++ } measured('queues', $queues);
      open(my $file, '+>', '/tmp/locks'); my $locks = 0; for (1 .. 100000) { my $lock = pack('ssx4qqi', 1, 0, $_ * 2, 1, 0); fcntl($file, 6, $lock) or last; $locks++ } measured('locks', $locks);
    `,
      { timeoutMs: 40_000 },
    ),
  ),
];
