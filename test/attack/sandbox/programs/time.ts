import type { AttackCase } from "../attack-case.ts";
import { all, ends, refuses, step } from "../judges.ts";
import { perl, sh } from "../program.ts";

const group = "Time";

export const TIME: readonly AttackCase[] = [
  {
    id: "set-clock",
    group,
    aim: "Sets the clock, bends it and moves the hardware's.",
    harm: "The host's time changes.",
    program: perl(String.raw`
      my $now = pack('qq', time, 0); call('set:clock', 227, 112, 0, $now); call('set:day', 164, 170, $now, 0);
      my $bend = pack('L', 0x4000) . "\0" x 204; call('bend:adjtimex', 159, 171, $bend); call('bend:clock', 305, 266, 0, $bend);
      for my $name (qw(rtc rtc0 ptp0 hpet)) { my $ok = sysopen(my $out, "/dev/$name", O_RDWR | O_NONBLOCK); told("hardware:$name", $ok) }
      my $timer = call('wake:timer', 283, 85, 8, 0); call('wake:alarm', 283, 85, 9, 0);
    `),
    ...refuses({ host: ["hardware"], kernel: ["set", "bend"], noted: ["wake"] }),
  },
  {
    id: "outlast-lifetime",
    number: 57,
    group,
    aim: "Stays on when the sandbox's own time is over.",
    harm: "The sandbox is still there.",
    program: perl(
      String.raw`$SIG{$_} = 'IGNORE' for qw(TERM HUP INT QUIT ALRM); fork_or(sub { POSIX::setsid(); sleep 1 while 1 }) for 1 .. 5; sleep 1 while 1;`,
      { timeoutMs: 300_000 },
    ),
    maxLifetimeMs: 12_000,
    fresh: true,
    ...ends("lost"),
  },
  {
    id: "outlast-timeout",
    number: 47,
    group,
    aim: "Ignores, blocks and handles every signal with the time of its command running out.",
    harm: "The command goes on.",
    program: perl(
      String.raw`$SIG{$_} = sub {} for grep { !/^(KILL|STOP|NUM\d+|CHLD|CLD)$/ } keys %SIG; my $set = POSIX::SigSet->new; $set->fillset; POSIX::sigprocmask(POSIX::SIG_BLOCK(), $set); 1 while 1;`,
      { timeoutMs: 3000 },
    ),
    ...ends("timeout"),
  },
  {
    id: "paused-sandbox",
    number: 57,
    group,
    aim: "Is asked for a command while it is paused, and is destroyed paused.",
    harm: "The call hangs, or a paused sandbox stays.",
    program: sh("true"),
    fresh: true,
    after: [
      { name: "pause", do: "pause" },
      { name: "run", do: "run", program: sh("echo awake") },
      { name: "pause again", do: "pause" },
    ],
    ...all(
      ends("exit"),
      step(
        "run",
        ({ end, text }) =>
          end === "done" && !text.includes("awake") ? "It didn't wake up." : undefined,
        { bite: { text: "" }, calm: { text: "awake" } },
      ),
      step("pause again", () => undefined, { bite: { end: "never" }, calm: {} }),
    ),
  },
];
