import type { AttackCase } from "../attack-case.ts";
import { all, refuses, that } from "../judges.ts";
import { seen } from "../made-up.ts";
import { perl, sh } from "../program.ts";

const group = "/proc and /sys";

export const PROC: readonly AttackCase[] = [
  {
    id: "kernel-settings",
    number: 51,
    group,
    aim: "Opens every file below /proc/sys and /sys for writing, and the switches of /proc.",
    harm: "A setting of the host's kernel could be changed.",
    program: perl(
      String.raw`
      for my $file (qw(/proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sys/fs/binfmt_misc/register /proc/irq/default_smp_affinity /proc/mtrr /proc/scsi/scsi /proc/bus/pci /proc/acpi/call /proc/kcore /proc/timer_list /proc/latency_stats /sys/kernel/uevent_helper /sys/power/state /sys/firmware/efi/vars /sys/kernel/debug /sys/kernel/security /sys/kernel/tracing/trace /sys/fs/selinux/enforce /sys/kernel/mm/hugepages)) {
        $! = 2; told("switch:$file", !is_masked($file) && opens($file, O_WRONLY));
      }
      my ($seen, @queue) = (0, '/proc/sys', '/sys');
      while (@queue && $seen < 30000) {
        my $folder = shift @queue;
        opendir(my $list, $folder) or next;
        for my $name (readdir $list) {
          next if $name eq '.' || $name eq '..';
          my $path = "$folder/$name"; $seen++;
          next if -l $path;
          if (-d _) { push @queue, $path unless $path eq '/sys/fs/cgroup'; next }
          told("setting:$path", 1) if sysopen(my $out, $path, O_WRONLY | O_NONBLOCK);
        }
      }
      $! = 1; told('setting:none', 0); line("SAW", "$seen files");
    `,
      { timeoutMs: 90_000 },
    ),
    ...refuses({ host: ["switch"], kernel: ["setting"] }),
  },
  {
    id: "kernel-memory",
    number: 51,
    group,
    aim: "Reads the kernel's memory, its addresses and its log.",
    harm: "Memory, real addresses or log lines are printed.",
    program: perl(String.raw`
      for my $file (qw(/proc/kcore /proc/kmsg /proc/kpagecount /proc/kpageflags /proc/vmcore /dev/mem /sys/kernel/debug/tracing/trace /sys/kernel/btf/none)) {
        my $text = reads($file); told("read:$file", defined $text, $text ? unpack('H*', $text) : ());
      }
      my $keys = reads('/proc/keys'); told("keys", defined $keys, $keys || '');
      for my $file (qw(/proc/kallsyms /proc/iomem /proc/ioports /proc/vmallocinfo /proc/modules /proc/timer_list /proc/sched_debug /sys/module/kernel/sections/.text)) {
        open(my $in, '<', $file) or do { told("address:$file", 0); next };
        my ($real) = grep { /ffff[0-9a-f]{12}/ } (<$in>); $! = 1; told("address:$file", defined $real, $real || '');
      }
      for my $pid ('self', 1) { for my $file (qw(stack syscall wchan)) { my $text = slurp("/proc/$pid/$file"); $! = 1; told("address:$pid/$file", !!(defined $text && $text =~ /ffff[0-9a-f]{12}/)) } }
      my $log = "\0" x 4096; call('log', 103, 116, 3, $log, 4096);
    `),
    ...refuses({ host: ["read", "address"], kernel: ["log", "keys"] }),
  },
  {
    id: "boot-parameters",
    number: 51,
    group,
    aim: "Reads the host's boot parameters, in which machines are given addresses and keys.",
    harm: "They are printed.",
    program: sh('echo "SAW $(cat /proc/cmdline)"'),
    ...all(
      refuses({}),
      that(
        ({ host, command: { out } }) =>
          out.includes(`SAW ${host.bootParameters}`) ? "/proc/cmdline is the host's." : undefined,
        { bite: { command: seen("SAW the-boot-parameters\nDONE\n") } },
        "LEAKED",
      ),
    ),
  },
  {
    id: "host-tables",
    group,
    aim: "Reads what /proc and /sys tell of the host: mounts, disks, network cards, serial numbers, other processes' limits.",
    harm: "Serial numbers or the host's network cards are printed.",
    program: perl(String.raw`
      for my $file (qw(product_serial product_uuid board_serial chassis_serial)) { my $text = slurp("/sys/class/dmi/id/$file"); told("serial:$file", defined $text, $text || '') }
      for my $file (glob '/sys/firmware/dmi/tables/*') { my $text = slurp($file, 8); told("serial:$file", defined $text) }
      my @cards = grep { $_ ne 'lo' } map { m{([^/]+)$} } glob '/sys/class/net/*'; $! = 2;
      told('card', scalar @cards, @cards);
      told('serial:none', 0);
      my $mounts = slurp('/proc/self/mountinfo') || ''; my ($path) = $mounts =~ m{lowerdir=([^:,]+)};
      told('mount-paths', defined $path, $path || '');
      my @disks = map { m{([^/]+)$} } glob '/sys/block/*'; told('disks', scalar @disks, @disks);
      my ($memory) = (slurp('/proc/meminfo') || '') =~ /MemTotal:\s+(\d+)/; told('memory', defined $memory && $memory > 4e6, $memory, 'kB');
    `),
    ...refuses({ host: ["serial", "card"], noted: ["mount-paths", "disks", "memory"] }),
  },
  {
    id: "other-processes",
    number: 51,
    group,
    aim: "Reads memory, descriptors and folders of process 1 and of root's processes through /proc.",
    harm: "Any of them opens.",
    program: perl(String.raw`
      my @own = ('/dev/null', map { readlink("/proc/self/fd/$_") || () } 0 .. 2); # what it may open anyway
      for my $pid (1, root_pids()) {
        for my $file (qw(mem pagemap clear_refs coredump_filter loginuid oom_score_adj timens_offsets uid_map setgroups)) { my $ok = sysopen(my $out, "/proc/$pid/$file", O_RDWR | O_NONBLOCK); told("write:$pid/$file", $ok) }
        told("read:$pid/mem", defined reads("/proc/$pid/mem")); told("auxv:$pid", defined reads("/proc/$pid/auxv"));
        for my $folder (qw(root cwd map_files)) { my $ok = opendir(my $list, "/proc/$pid/$folder"); told("enter:$pid/$folder", $ok) }
        for my $fd (0 .. 40) { my $to = readlink("/proc/$pid/fd/$fd") || ""; next if grep { $_ eq $to } @own; told("descriptor:$pid/$fd", opens("/proc/$pid/fd/$fd", O_RDWR, O_WRONLY, O_RDONLY), $to) }
        for my $file (qw(environ maps)) { my $text = slurp("/proc/$pid/$file", 4096); told("$file:$pid", defined $text && length $text) }
      }
    `),
    ...refuses({
      host: ["write", "read", "enter", "descriptor"],
      noted: ["environ", "maps", "auxv"],
    }),
  },
  {
    id: "oom-immunity",
    number: 40,
    group,
    aim: "Makes itself a process that a lack of memory ends later than the host's own.",
    harm: "Its score can be lowered below that of an ordinary process.",
    program: perl(String.raw`
      my ($guest) = sort { $a <=> $b } map { (slurp("/proc/$_/oom_score_adj") || 0) + 0 } 1, root_pids();
      for my $score (-1000, -500, -1) { my $out = opens('/proc/self/oom_score_adj', O_WRONLY); told("lower:$score", $out && defined syswrite($out, $score), "the guest has $guest") }
      my $out = opens('/proc/self/oom_score_adj', O_WRONLY); told("as-the-guest:$guest", $out && defined syswrite $out, $guest); $out = opens('/proc/self/oom_score_adj', O_WRONLY); told('below-the-guest', $out && defined syswrite $out, $guest - 1);
    `),
    ...refuses({ kernel: ["lower"], noted: ["as-the-guest", "below-the-guest"] }),
  },
];
