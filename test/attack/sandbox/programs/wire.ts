import type { AttackCase } from "../attack-case.ts";
import { all, ends, refuses, step, that } from "../judges.ts";
import { made, seen } from "../made-up.ts";
import { node, perl, sh } from "../program.ts";

const group = "The wire";
const MIB = 1 << 20;

/** Counts what is left of the job's user, itself and its shell left out. */
const COUNT = perl(String.raw`
  my $left = 0;
  for my $pid (map { m{(\d+)$} } glob '/proc/[0-9]*') { next if $pid == $$; my @s = stat "/proc/$pid"; next unless @s && $s[4] == $<; my $status = slurp("/proc/$pid/stat") || next; next if $status =~ /\) Z/; my (undef, $parent) = $status =~ /\) (\S) (\d+)/; $left++ unless $parent == $$ || $pid == getppid() }
  line("LEFT", $left);
`);

const NONE_LEFT = step(
  "count",
  ({ end, text }) =>
    end === "refused" || /LEFT 0/.test(text) ? undefined : `Processes live on: ${text}`,
  { bite: { text: "LEFT 3\nDONE\n" }, calm: { text: "LEFT 0\nDONE\n" } },
);

/** Whoever moves is seen now and then, by one of many looks. */
const LOOK = perl(String.raw`
  my $seen = 0;
  for (1 .. 500) { $seen++ if grep { my @s = stat; m{(\d+)$}; @s && $s[4] == $< && $1 != $$ } glob '/proc/[0-9]*' }
  line("SEEN", $seen);
`);

const NOBODY_SEEN = step(
  "look",
  ({ end, text }) =>
    end === "refused" || /SEEN 0\b/.test(text) ? undefined : `Not alone: ${text}`,
  { bite: { text: "SEEN 90\nDONE\n" }, calm: { text: "SEEN 0\nDONE\n" } },
);

/** A flood that must be cut off, with memory that stays. */
function flood(
  id: string,
  aim: string,
  source: string,
  sizes: Pick<AttackCase["program"], "killAfterOutputBytes" | "timeoutMs"> = {},
): AttackCase {
  return {
    id,
    number: 45,
    group,
    aim,
    harm: "Dunlin's memory grows with it, or the command is not ended.",
    program: sh(source, { timeoutMs: 60_000, ...sizes }),
    boundedMemory: true,
    ...all(
      ends("killed", "timeout", "signal"),
      that(
        ({ command: { out, err } }) =>
          out.length + err.length > 4 * MIB + 200 ? "More was kept than was asked for." : undefined,
        {
          bite: { command: { ...seen("x".repeat(5 * MIB)), end: "killed" } },
          calm: { command: { ...seen(""), end: "killed" } },
        },
      ),
    ),
  };
}

/** Processes that mean to live on, counted by the next command. */
function outlive(id: string, aim: string, program: AttackCase["program"]): AttackCase {
  return {
    id,
    number: 57,
    group,
    aim,
    harm: "One of its processes is still there at the next command.",
    program,
    fresh: true,
    after: [{ name: "count", do: "run", program: COUNT }],
    ...all(ends("exit", "timeout", "signal"), NONE_LEFT),
  };
}

export const WIRE: readonly AttackCase[] = [
  flood("flood-lines", "Prints short lines without end.", "yes"),
  flood("flood-random", "Prints random bytes without end.", "cat /dev/urandom"),
  flood("flood-one-line", "Prints one line without an end.", "tr '\\0' x < /dev/zero"),
  flood("flood-errors", "Prints to its error output only, without end.", "yes >&2"),
  {
    id: "huge-log",
    number: 45,
    group,
    aim: "Prints a log of 1 GB to a command that may.",
    harm: "Dunlin's memory grows with it.",
    program: sh("head -c 1000000000 /dev/zero | tr '\\0' '.'", {
      timeoutMs: 240_000,
      killAfterOutputBytes: 2000 * MIB,
    }),
    boundedMemory: true,
    ...all(
      ends("exit", "timeout"),
      that(
        ({ command: { end, out, droppedBytes } }) =>
          out.length > 2 * MIB || (end === "exit" && droppedBytes < 900 * MIB)
            ? `Of 1 GB, ${out.length} bytes were kept and ${droppedBytes} counted as dropped.`
            : undefined,
        {
          bite: { command: seen("x".repeat(3 * MIB)) },
          calm: { command: { ...seen("...\nDONE\n"), droppedBytes: 990_000_000 } },
        },
      ),
    ),
  },
  {
    id: "hostile-bytes",
    number: 46,
    group,
    aim: "Prints what looks like the wire's own frames, the engine's headers and a terminal's commands.",
    harm: "Other bytes arrive than it printed, or the connection breaks.",
    program: perl(String.raw`
      binmode STDOUT;
      my @parts = (pack('NCN', 0, 0, 0), pack('NCN', 0xffffffff, 7, 1), pack('NCN', 64, 5, 1) . '{"end":"exit","exitCode":0}', pack('CxxxN', 1, 0), pack('CxxxN', 2, 0xffffffff), pack('CxxxN', 0, 8), "\e]52;c;AAAA\a", "\e[2J\e[H\r", "\e]8;;http://forbidden.test\a", "\x07\x00\xff\xfe\xc3", "\xe2\x80\xae");
      my $all = join '', (@parts) x 300; print "BEGIN", $all, "END\n"; print "LENGTH ", length $all, "\n";
    `),
    ...all(
      refuses({}),
      that(
        ({ command: { out } }) => {
          const given = Number(/^LENGTH (\d+)$/m.exec(out)?.[1] ?? -1);
          const length = out.indexOf("END\nLENGTH") - out.indexOf("BEGIN") - "BEGIN".length;
          return length === given ? undefined : `${length} bytes arrived instead of ${given}.`;
        },
        {
          bite: { command: seen("BEGIN12END\nLENGTH 3\nDONE\n") },
          calm: { command: seen("BEGIN123END\nLENGTH 3\nDONE\n") },
        },
      ),
    ),
  },
  {
    id: "closed-outputs",
    group,
    aim: "Closes its outputs at once and works on, then hands them to others and ends.",
    harm: "Its end is not noticed.",
    program: sh("exec 1>&- 2>&-; sleep 1; exit 7"),
    ...all(
      ends("bare exit"),
      that(
        ({ command: { end, exitCode } }) =>
          end === "exit" && exitCode !== 7 ? `Its exit code was ${exitCode}.` : undefined,
        {
          bite: { command: seen("") },
          calm: { command: { ...seen(""), exitCode: 7 } },
        },
      ),
    ),
  },
  {
    id: "made-up-exit",
    number: 36,
    group,
    aim: "Prints that it succeeded, through every descriptor, and fails.",
    harm: "Its exit code is another one than it had.",
    program: sh(
      'for fd in 1 2 3 4 5 6; do printf "exit 0\\n{\\"exitCode\\":0,\\"end\\":\\"exit\\"}\\nDONE\\n" >&$fd; done 2>/dev/null; exit 42',
    ),
    ...all(
      ends("bare exit"),
      that(
        ({ command: { end, exitCode } }) =>
          end === "exit" && exitCode !== 42 ? `Its exit code was ${exitCode}.` : undefined,
        { bite: { command: seen("") }, calm: { command: { ...seen(""), exitCode: 42 } } },
      ),
    ),
  },
  {
    id: "waits-for-input",
    number: 47,
    group,
    aim: "Waits for input: reads, an editor, a pager, a prompt for a password.",
    harm: "It waits for ever.",
    program: sh(
      "read -r line; cat; (cd /workspace && git init -q a && cd a && git commit --allow-empty); git -C / log 2>/dev/null | less; su 2>&1; (cat < /dev/tty); true",
      { timeoutMs: 20_000 },
    ),
    ...ends("exit", "timeout"),
  },
  outlive(
    "daemons-with-pipes",
    "Leaves daemons behind that hold its outputs and ignore every signal that can be ignored.",
    perl(String.raw`
      for (1 .. 10) { fork_or(sub { POSIX::setsid(); fork and POSIX::_exit(0); $SIG{$_} = 'IGNORE' for qw(TERM HUP INT QUIT USR1 USR2 PIPE CHLD TSTP TTIN TTOU); $0 = "kworker/0:1"; sleep 1 while 1 }) }
      select undef, undef, undef, 0.3;
    `),
  ),
  outlive(
    "trees-at-the-timeout",
    "Grows a tree of process groups and sessions that ignore signals, and lets its time run out.",
    perl(
      String.raw`
      $SIG{$_} = 'IGNORE' for qw(TERM HUP INT QUIT);
      my $grow; $grow = sub { my ($depth) = @_; for (1 .. 2) { fork_or(sub { POSIX::setsid() if $depth % 2; $grow->($depth - 1) if $depth; sleep 600 while 1 }) } };
      $grow->(4); sleep 600 while 1;
    `,
      { timeoutMs: 3000 },
    ),
  ),
  outlive(
    "forks-at-the-kill",
    "Keeps moving: each process forks and ends at once, so that a kill meets a number that is gone.",
    perl(
      String.raw`
      for (1 .. 8) { fork_or(sub { POSIX::setsid(); while (1) { my $pid = fork; POSIX::_exit(0) if $pid; next unless defined $pid; POSIX::setsid(); } }) }
      sleep 600;
    `,
      { timeoutMs: 3000 },
    ),
  ),
  {
    id: "families",
    number: 57,
    group,
    aim: "Leaves families behind of which there is always one member, and never the same for long.",
    harm: "One of them is still at work beside the next command.",
    program: perl(
      String.raw`
      for (1 .. 20) { next if fork; while (1) { POSIX::_exit(0) if fork } }
      sleep 1;
    `,
    ),
    fresh: true,
    after: [{ name: "look", do: "run", program: LOOK }],
    ...all(ends("exit", "signal"), NOBODY_SEEN),
  },
  outlive(
    "stopped-processes",
    "Stops itself and its children, so that no signal but one reaches them, and its time runs out.",
    sh("for n in 1 2 3 4 5; do (setsid sh -c 'kill -STOP $$' &) ; done; kill -STOP $$", {
      timeoutMs: 3000,
    }),
  ),
  {
    id: "zombies",
    number: 39,
    group,
    aim: "Leaves so many ended children uncollected that no number is left.",
    harm: "No further command starts.",
    program: perl(
      String.raw`my $n = 0; while ($n < 400) { my $pid = fork; last unless defined $pid; POSIX::_exit(0) unless $pid; $n++ } line('SAW', "$n ended"); sleep 2;`,
    ),
    fresh: true,
    after: [{ name: "next", do: "run", program: sh("echo next") }],
    ...all(
      ends("exit", "timeout", "signal"),
      step(
        "next",
        ({ end, text }) =>
          end === "refused" || text.includes("next") ? undefined : "It didn't start.",
        { bite: { text: "" }, calm: { text: "next\nDONE\n" } },
      ),
    ),
  },
  {
    id: "late-output",
    group,
    aim: "Prints fast to a reader that is slow, through ten processes at once.",
    harm: "Bytes are lost or doubled, or the command never ends.",
    program: node(
      String.raw`
      const jobs = Array.from({ length: 10 }, () => new Promise((resolve) => spawn("sh", ["-c", "head -c 300000 /dev/zero | tr '\\0' a"], { stdio: ["ignore", "inherit", "inherit"] }).on("close", resolve)));
      await Promise.all(jobs); line("");
    `,
      { maxOutputBytes: 8 * MIB },
    ),
    boundedMemory: true,
    ...all(
      ends("exit"),
      that(
        ({ command: { end, out } }) => {
          const count = out.split("a").length - 1;
          return end === "exit" && count !== 3_000_000 ? `${count} of 3000000 arrived.` : undefined;
        },
        {
          bite: { command: seen("aaa") },
          calm: { ...made({}), command: seen(`${"a".repeat(3_000_000)}\nDONE\n`) },
        },
      ),
    ),
  },
];
