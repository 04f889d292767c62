import type { AttackCase } from "../attack-case.ts";
import { refuses } from "../judges.ts";
import { perl, sh } from "../program.ts";

const group = "Devices and mounts";

export const DEVICES: readonly AttackCase[] = [
  {
    id: "raw-devices",
    group,
    aim: "Opens memory, disk, network, tracing and virtual-machine devices.",
    harm: "One opens.",
    program: perl(String.raw`
      my @names = qw(mem kmem port kvm kmsg fuse net/tun loop-control loop0 vda vda1 sda sda1 nvme0n1 dm-0 mapper/control vhost-vsock vhost-net vsock dri/card0 rtc0 hpet uinput input/event0 watchdog nvram cpu/0/msr snapshot mcelog btrfs-control cuse autofs userfaultfd udmabuf dma_heap/system nvidia0 nvidiactl hwrng tpm0 ppp vfio/vfio bus/usb/001/001 console tty0 tty1 ttyS0);
      for my $name (@names) { my $kind = $name =~ m{fuse|tun|ppp|userfaultfd} ? "emulated" : "open"; told("$kind:$name", opens("/dev/$name", O_RDWR, O_RDONLY)) }
    `),
    ...refuses({ host: ["open"], kernel: ["emulated"] }),
  },
  {
    id: "make-devices",
    group,
    aim: "Makes device files for memory, the disk and FUSE in every folder it may write to, and opens them.",
    harm: "A device file is made or opens.",
    program: perl(String.raw`
      my %devices = (mem => [0020000, 1, 1], kmsg => [0020000, 1, 11], tun => [0020000, 10, 200], fuse => [0020000, 10, 229], kvm => [0020000, 10, 232], vda => [0060000, 254, 0], sda => [0060000, 8, 0], loop0 => [0060000, 7, 0]);
      for my $folder (qw(/workspace /tmp /dev/shm /home/job /dev /run)) {
        for my $name (sort keys %devices) {
          my ($kind, $major, $minor) = @{$devices{$name}};
          my $file = "$folder/$name.made";
          $! = 1; told('open:none', 0);
          my $result = call("make:$folder/$name", 259, 33, -100, $file, $kind | 0666, $major * 256 + $minor);
          if ($result >= 0) { my $kind = $name =~ /fuse|tun/ ? "emulated" : "open"; told("$kind:$file", opens($file, O_RDWR, O_RDONLY)); unlink $file }
        }
      }
    `),
    ...refuses({ host: ["open"], kernel: ["make"], noted: ["emulated"] }),
  },
  {
    id: "mounts",
    group,
    aim: "Mounts, remounts, unmounts, moves roots and uses the newer mount calls.",
    harm: "One succeeds.",
    program: perl(String.raw`
      my ($none, $proc, $tmpfs, $target, $root, $disk, $ext4) = ('none', 'proc', 'tmpfs', '/tmp', '/', '/dev/vda', 'ext4');
      call('mount:proc', 165, 40, $proc, $target, $proc, 0, 0);
      call('mount:tmpfs', 165, 40, $tmpfs, $target, $tmpfs, 0, 0);
      call('mount:bind', 165, 40, $root, $target, $none, 4096, 0);
      call('mount:disk', 165, 40, $disk, $target, $ext4, 1, 0);
      call('remount:root', 165, 40, $none, $root, $none, 32, 0);
      call('remount:shared', 165, 40, $none, $root, $none, 1 << 20, 0);
      for my $at ('/proc/sys', '/proc/keys', '/proc/kcore', '/sys', '/sys/firmware', '/etc/hosts', '/tmp', '/workspace') { my $path = $at; call("unmount:$at", 166, 39, $path, 2) }
      call('pivot', 155, 41, $target, $target);
      call('chroot', 161, 51, $target);
      call('open_tree', 428, 428, -100, $root, 1);
      call('fsopen', 430, 430, $proc, 0);
      call('fspick', 433, 433, -100, $root, 0);
      my $attributes = "\0" x 32;
      call('mount_setattr', 442, 442, -100, $root, 0, $attributes, 32);
    `),
    ...refuses({
      kernel: [
        "mount",
        "remount",
        "unmount",
        "pivot",
        "chroot",
        "open_tree",
        "fsopen",
        "fspick",
        "mount_setattr",
      ],
    }),
  },
  {
    id: "own-namespaces",
    group,
    aim: "Makes a user namespace of its own to become root in it, and mounts there.",
    harm: "It gets capabilities on the host's kernel.",
    program: perl(String.raw`
      my %flags = (user => 0x10000000, mount => 0x20000, net => 0x40000000, pid => 0x20000000, ipc => 0x8000000, uts => 0x4000000, cgroup => 0x2000000, time => 0x80);
      for my $name (sort keys %flags) { fork_or(sub { call("unshare:$name", 272, 97, $flags{$name}) }); wait }
      fork_or(sub {
        if (call('unshare:user+mount', 272, 97, 0x10020000) < 0) { told('mount', 0); POSIX::_exit(0) }
        my ($proc, $target) = ('proc', '/tmp');
        call('mount', 165, 40, $proc, $target, $proc, 0, 0);
      }); wait;
      my $ask = pack('QQQQQQQQ', 0x10000000, 0, 0, 0, 17, 0, 0, 0);
      my $child = call('clone3', 435, 435, $ask, length $ask);
      POSIX::_exit(0) if $child == 0;
      for my $name (qw(mnt pid net user ipc uts cgroup)) {
        for my $pid (1, root_pids()) { sysopen(my $in, "/proc/$pid/ns/$name", O_RDONLY) or do { told("setns:$pid/$name", 0); next }; call("setns:$pid/$name", 308, 268, fileno $in, 0) }
      }
    `),
    ...refuses({ host: ["setns"], kernel: ["unshare", "mount", "clone3"] }),
  },
  {
    id: "file-handles",
    group,
    aim: "Opens the host's root folder by a made-up file handle (open_by_handle_at).",
    harm: "A handle opens.",
    program: perl(String.raw`
      for my $at ('/', '/etc/hosts', '/workspace', '/tmp', '/usr/sbin/docker-init') {
        next unless -e $at;
        sysopen(my $in, $at, O_RDONLY) or next;
        for my $inode (1, 2, 64, 128, 256) {
          for my $type (1, 2, 0x81) { my $handle = pack('IiQQ', 8, $type, $inode, 0); call("handle:$at/$inode/$type", 304, 265, fileno $in, $handle, 0) }
        }
      }
    `),
    ...refuses({ host: ["handle"] }),
  },
  {
    id: "terminals",
    group,
    aim: "Types into terminals: pushes characters back on every terminal device and takes the console over.",
    harm: "A terminal that isn't its own takes them.",
    program: perl(String.raw`
      for my $name (qw(tty console tty0 tty1 ttyS0 hvc0), map { "pts/$_" } 0 .. 9) {
        sysopen(my $tty, "/dev/$name", O_RDWR | O_NONBLOCK | O_NOCTTY) or do { told("type:$name", 0); next };
        my $letter = "x";
        told("type:$name", ioctl($tty, 0x5412, $letter));
        told("console:$name", ioctl($tty, 0x541D, 0));
      }
      told("console:none", 0);
    `),
    ...refuses({ host: ["type", "console"] }),
  },
  {
    id: "control-groups",
    number: 51,
    group,
    aim: "Raises its own limits and sets release agents in the control groups.",
    harm: "A file of a control group takes what it writes.",
    program: sh(String.raw`
      if [ ! -d /sys/fs/cgroup ]; then told write false; fi
      find /sys/fs/cgroup /proc/1/root/sys/fs/cgroup -type f 2>/dev/null | head -n 3000 > /tmp/.groups
      told write false
      while read -r file; do if (: >> "$file") 2>/dev/null; then echo "TRY write:$file ok"; fi; done < /tmp/.groups
      for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do told "make:$folder" mkdir "$folder/attack"; done
    `),
    ...refuses({ kernel: ["write", "make"] }),
  },
];
