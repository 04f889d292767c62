import type { AttackCase } from "../attack-case.ts";
import { all, refuses, step, that } from "../judges.ts";
import { isOwnKernel, seen } from "../made-up.ts";
import { perl, sh } from "../program.ts";

const group = "Set-uid programs and capabilities";

export const PRIVILEGES: readonly AttackCase[] = [
  {
    id: "become-root",
    group,
    aim: "Changes its user and group, its groups and its capabilities.",
    harm: "Anything is gained.",
    program: perl(String.raw`
      call('user:setuid', 105, 146, 0); call('user:setresuid', 117, 147, 0, 0, 0); call('user:setreuid', 113, 145, 0, 0); call('user:other', 105, 146, 1001);
      call('group:setgid', 106, 144, 0); my $groups = pack('L', 0); call('group:setgroups', 116, 159, 1, $groups);
      for my $version (0x20080522) { my $head = pack('Li', $version, 0); my $all = "\xff" x 24; call('capabilities:set', 126, 91, $head, $all) }
      for my $capability (0, 1, 2, 5, 6, 7, 12, 16, 19, 21) { call("capabilities:ambient/$capability", 157, 167, 47, 2, $capability, 0, 0) }
      call('capabilities:securebits', 157, 167, 28, 0x2f, 0, 0, 0);
      my $status = slurp('/proc/self/status') || '';
      for my $set (qw(Prm Eff Amb)) { my ($value) = $status =~ /^Cap$set:\s+(\S+)/m; $! = 1; told("holds:$set", !!(defined $value && $value =~ /[1-9a-f]/), $value || '') }
      my $held = syscall($arm ? 167 : 157, 39, 0, 0, 0, 0); $! = 1; told('privileges-grow', $held != 1, "no_new_privs is $held");
    `),
    ...refuses({ host: ["user", "group", "capabilities", "holds", "privileges-grow"] }),
  },
  {
    id: "set-uid-programs",
    group,
    aim: "Runs every set-uid program of the image to become root.",
    harm: "One runs as root.",
    program: perl(
      String.raw`
      my @programs = split /\n/, qx(find / -xdev -type f -perm /6000 2>/dev/null); line('SAW', scalar @programs, 'set-uid programs');
      told('root:none', 0);
      for my $program (@programs) {
        pipe(my $out, my $in); my $pid = fork;
        if ($pid == 0) { close $out; open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null'); exec($program) or POSIX::_exit(1) }
        close $in;
        my $root = 0;
        for (1 .. 20) { my $status = slurp("/proc/$pid/status") or last; my ($user, $group) = map { $status =~ /^$_:\s+\d+\s+(\d+)/m } 'Uid', 'Gid'; $root = 1 if defined $user && ($user == 0 || $group == 0); select undef, undef, undef, 0.01 }
        kill 'KILL', $pid; waitpid $pid, 0; $! = 1; told("root:$program", $root);
      }
      for my $words ('su -c id', 'sudo -n id', 'pkexec id', 'doas id', 'newgrp root') { my $said = qx(timeout 5 $words </dev/null 2>/dev/null) || ''; $! = 1; told("root:$words", !!($said =~ /uid=0|gid=0/)) }
    `,
      { timeoutMs: 60_000 },
    ),
    ...refuses({ host: ["root"] }),
  },
  {
    id: "make-set-uid",
    group,
    aim: "Makes files that belong to root, are set-uid or hold capabilities, and runs them.",
    harm: "One works.",
    program: perl(String.raw`
      for my $folder (qw(/workspace /tmp /dev/shm /home/job)) {
        my $file = "$folder/shell"; system('cp', '/usr/bin/id', $file); next unless -f $file;
        chmod 06755, $file; my $said = qx($file 2>/dev/null) || ''; $! = 1; told("runs:$folder", !!($said =~ /uid=0\(/));
        $! = 0; my $given = chown 0, 0, $file; told("owner:$folder", $given);
        my ($name, $value) = ('security.capability', pack('LLLLL', 0x02000001, 0xffffffff, 0, 0xffffffff, 0)); my $path = $file;
        call("capability:$folder", 188, 5, $path, $name, $value, 20, 0);
        my ($trusted, $one) = ('trusted.overlay.opaque', 'y'); call("trusted:$folder", 188, 5, $path, $trusted, $one, 1, 0);
        unlink $file;
      }
    `),
    ...refuses({ host: ["runs", "owner", "capability", "trusted"] }),
  },
  {
    id: "set-uid-upload",
    group,
    aim: "Has Dunlin unpack a set-uid file of root's and a device out of an archive.",
    harm: "Either arrives as it was packed.",
    program: sh("true"),
    after: [
      {
        name: "unpack",
        do: "upload",
        folder: "/workspace/in",
        entries: [
          { name: "shell", mode: 0o6755, text: "#!/bin/sh\nid\n" },
          { name: "disk", type: "character-device", mode: 0o666, devmajor: 1, devminor: 1 },
        ],
      },
      {
        name: "look",
        do: "run",
        program: sh("find /workspace/in -user 0 -o -type c -o -perm /6000 -uid 0; echo looked"),
      },
    ],
    ...all(
      refuses({}),
      step(
        "look",
        ({ text }, { isolation }) => {
          const found = text.split("\n").filter((one) => one.startsWith("/workspace/in/"));
          // A guest's own kernel may let anybody make a device: of its own, with nothing behind it.
          const bad = isOwnKernel(isolation) ? found.filter((one) => !/disk$/.test(one)) : found;
          return bad.length === 0 ? undefined : `It has ${bad.join(", ")}`;
        },
        {
          bite: { text: "/workspace/in/shell\nlooked\n" },
          calm: { text: "looked\n" },
        },
      ),
    ),
  },
  {
    id: "priority",
    group,
    aim: "Takes the processor for itself: real-time scheduling, highest priority, locked memory.",
    harm: "It gets what others then lack.",
    program: perl(String.raw`
      my $priority = pack('i', 50);
      call('realtime:fifo', 144, 119, 0, 1, $priority); call('realtime:rr', 144, 119, 0, 2, $priority);
      my $deadline = pack('LLQlLQQQ', 48, 6, 0, 0, 0, 10000000, 20000000, 20000000); call('realtime:deadline', 314, 274, 0, $deadline, 0);
      call('nice', 141, 140, 0, 0, -20); call('disk', 251, 30, 1, 0, 1 << 13);
      for my $pid (1, root_pids()) { call("guest-nice:$pid", 141, 140, 0, $pid, 19); call("guest:limit/$pid", 302, 261, $pid, 7, my $few = pack('QQ', 4, 4), 0) }
    `),
    ...refuses({ host: ["guest"], kernel: ["realtime", "nice", "guest-nice"], noted: ["disk"] }),
  },
  {
    id: "raised-limits",
    group,
    aim: "Raises its limits of processes, files, file sizes, memory and core dumps.",
    harm: "A limit that Dunlin set is raised.",
    program: perl(String.raw`
      my %limits = (files => 7, size => 1, core => 4, processes => 6, locked => 8, queue => 12, signals => 11, priority => 13, nice => 14);
      for my $name (sort keys %limits) {
        my $now = "\0" x 16; my $number = $arm ? 261 : 302; syscall($number, 0, $limits{$name}, 0, $now);
        my ($soft, $hard) = unpack 'QQ', $now;
        if ($hard == ~0) { line('SAW', $name, 'unlimited'); next }
        my $more = pack('QQ', $hard + 1, $hard + 1); call("raise:$name", 302, 261, 0, $limits{$name}, $more, 0);
      }
      for my $name (qw(files size core)) { my $now = "\0" x 16; syscall($arm ? 261 : 302, 0, $limits{$name}, 0, $now); my (undef, $hard) = unpack 'QQ', $now; $! = 1; told("unlimited:$name", $hard == ~0) }
    `),
    ...refuses({ host: ["unlimited"], kernel: ["raise"] }),
  },
  {
    id: "core-dump",
    group,
    aim: "Crashes with its memory full of text, so that the host's crash handler runs or a core file is left.",
    harm: "A core file appears.",
    program: sh(
      'cd /workspace; ulimit -c unlimited 2>/dev/null; for signal in SEGV ABRT QUIT BUS; do sh -c "kill -$signal \\$\\$" 2>/dev/null; done; echo "CORES $(find /workspace /tmp /home -name "core*" -type f 2>/dev/null | wc -l)"',
    ),
    ...all(
      refuses({}),
      that(
        ({ command: { out } }) =>
          /^CORES [1-9]/m.test(out) ? "A core file was written." : undefined,
        {
          bite: { command: seen("CORES 1\nDONE\n") },
        },
      ),
    ),
  },
];
