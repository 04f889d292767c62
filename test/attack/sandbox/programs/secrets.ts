import type { AttackCase } from "../attack-case.ts";
import { all, ends, refuses } from "../judges.ts";
import { node, perl, sh } from "../program.ts";

const group = "Secrets";
const MIB = 1 << 20;

export const SECRETS: readonly AttackCase[] = [
  {
    id: "print-files",
    number: 53,
    group,
    aim: "Prints every small file that it can read.",
    harm: "A secret of Dunlin's process, of the host or of another sandbox is among them.",
    program: sh(
      "find / -xdev -type f -readable -size -64k -not -path '/usr/*' -not -path '/proc/*' -not -path '/sys/*' 2>/dev/null | head -n 4000 | while read -r file; do cat \"$file\"; done; find /workspace /tmp /home /run /dev/shm /etc /opt/dunlin/sandbox -type f -readable -size -64k -exec cat {} + 2>/dev/null",
      { timeoutMs: 120_000, maxOutputBytes: 8 * MIB },
    ),
    ...ends("exit", "timeout", "killed"),
  },
  {
    id: "print-processes",
    number: 53,
    group,
    aim: "Prints everything that /proc tells of every process, and all of /proc and /sys that is readable.",
    harm: "A secret of Dunlin's process is among it.",
    program: perl(
      String.raw`
      my ($left, @queue) = (3000, glob '/proc/[0-9]*');
      for my $pid (@queue) { for my $file (qw(environ cmdline comm status maps mountinfo mounts cgroup limits auxv stat io sched net/unix net/tcp net/route)) { print slurp("$pid/$file") || '' } for my $link (qw(cwd root exe), map { "fd/$_" } 0 .. 40) { print readlink("$pid/$link") || '', "\n" } }
      my @folders = ('/proc/sys', '/proc/net', '/proc/fs', '/proc/driver', '/sys/fs', '/sys/class', '/sys/kernel', '/sys/module', '/sys/devices/virtual');
      while (@folders && $left > 0) { my $folder = shift @folders; opendir(my $list, $folder) or next; for my $name (readdir $list) { next if $name =~ /^\.\.?$/; my $path = "$folder/$name"; next if -l $path; if (-d _) { push @folders, $path } else { $left--; sysopen(my $in, $path, O_RDONLY | O_NONBLOCK) or next; my $text; print $text if sysread($in, $text, 4096) } } }
    `,
      { timeoutMs: 90_000, maxOutputBytes: 8 * MIB },
    ),
    ...all(ends("exit", "timeout"), refuses({})),
  },
  {
    id: "print-encoded",
    number: 29,
    group,
    aim: "Prints its environment and descriptors' contents in base64, hexadecimal and reversed.",
    harm: "A secret is among them in any of these forms.",
    program: node(String.raw`
      const texts = [JSON.stringify(process.env)];
      for (const pid of fs.readdirSync("/proc").filter(Number)) for (const file of ["environ", "cmdline"]) try { texts.push(fs.readFileSync("/proc/" + pid + "/" + file, "latin1")); } catch {}
      for (const file of process.env.ATTACK_FILES.split(":")) try { texts.push(fs.readFileSync(file, "latin1")); } catch {}
      const all = Buffer.from(texts.join("\n"), "latin1");
      for (const way of ["base64", "hex", "base64url"]) process.stdout.write(all.toString(way) + "\n");
      process.stdout.write(Buffer.from(all).reverse().toString("latin1") + "\n");
    `),
    ...refuses({}),
  },
  {
    id: "print-own-memory",
    group,
    aim: "Prints what lies in fresh memory, in its stack and in unused parts of files in memory.",
    harm: "Something of another process is in it.",
    program: perl(
      String.raw`
      binmode STDOUT; my $room = "\0" x (1 << 20); sysopen(my $mem, '/proc/self/mem', O_RDONLY) or die; open(my $maps, '<', '/proc/self/maps');
      my $left = 6 << 20;
      for (<$maps>) { next unless /^([0-9a-f]+)-([0-9a-f]+) rw/; my ($from, $to) = (hex $1, hex $2); while ($from < $to && $left > 0) { sysseek($mem, $from, 0); my $n = sysread($mem, my $text, $to - $from > 65536 ? 65536 : $to - $from) or last; print $text; $from += $n; $left -= $n } }
      open(my $file, '+>', '/workspace/hole'); truncate $file, 1 << 20; seek $file, 0, 0; local $/; my $hole = <$file>; print "\nDIRTY\n" if $hole =~ /[^\0]/; print "\n";
    `,
      { timeoutMs: 60_000, maxOutputBytes: 8 * MIB },
    ),
    ...all(ends("exit"), refuses({})),
  },
  {
    id: "errors-that-tell",
    group,
    aim: "Brings Dunlin's own errors about, whose words come back to the model.",
    harm: "They name the host's secrets.",
    program: sh("true"),
    after: [
      { name: "no folder", do: "run", program: sh("true", { cwd: "/workspace/none" }) },
      { name: "no file", do: "read", path: "/workspace/none", maxBytes: 10 },
      { name: "a folder", do: "read", path: "/workspace", maxBytes: 10 },
      {
        name: "no archive",
        do: "download",
        folder: "/none",
        paths: ["../../none"],
        maxBytes: 1024,
      },
      { name: "no place", do: "write", path: "/proc/none", text: "x" },
    ],
    ...ends("exit"),
  },
];
