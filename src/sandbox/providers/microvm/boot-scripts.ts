import { GUEST_ARGV } from "../docker/image.ts";

/**
 * What runs inside the machine before and beside the guest, by a busybox that only it has. Process 1 stays outside of
 * the image: it prepares the folders a container would have, starts the guest in its own process tree and control
 * group, carries the wire between it and the first port, and takes orders on the second. Its environment comes from
 * the kernel's command line.
 */
export const INIT = `#!/bin/sh
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in virtio_ring virtio virtio_mmio virtio_blk virtio_console; do insmod /lib/$module.ko; done
until [ -b /dev/vda ] && [ -b /dev/vdb ] && [ -c /dev/vport*p1 ] && [ -c /dev/vport*p2 ]; do usleep 5000; done

mount -t ext4 -o ro,nosuid,nodev /dev/vda /mnt
mount -o bind /devices /mnt/dev
mount -o remount,bind,ro,nosuid,noexec /mnt/dev
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /mnt/dev/pts
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=64m shm /mnt/dev/shm
mount -t tmpfs -o nosuid,nodev,noexec,mode=0755,size=1m run /mnt/run
mount -t tmpfs -o nosuid,nodev,mode=1777,size=\${tmp_mib}m,nr_inodes=500k tmp /mnt/tmp
mount -t tmpfs -o nosuid,nodev,mode=0755,uid=1000,gid=1000,size=\${tmp_mib}m,nr_inodes=500k home /mnt/home/job
mount -t sysfs -o ro,nosuid,nodev,noexec sys /mnt/sys
mount -o bind /sandbox /mnt/opt/dunlin/sandbox
mount -o remount,bind,ro,nosuid,nodev /mnt/opt/dunlin/sandbox

mount -t cgroup2 cgroup /sys/fs/cgroup
echo "+memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
group=/sys/fs/cgroup/sandbox
mkdir $group
echo \${memory_mib}M > $group/memory.max
mount -o bind $group /mnt/sys/fs/cgroup
mount -o remount,bind,ro /mnt/sys/fs/cgroup

ifconfig lo 127.0.0.1 up
hostname sandbox

exec 3<>$(echo /dev/vport*p1) 4<>$(echo /dev/vport*p2)
(
  cat <&3 | (echo 0 > $group/cgroup.procs; exec unshare --pid --fork sh /guest 3>&- 4>&-) | cat >&3
  while read -r name count; do [ $name = oom_kill ] && echo "ended $count" >&4; done < $group/memory.events
  reboot -f
) &

libraries=/mnt/usr/lib/x86_64-linux-gnu
exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries /mnt/usr/bin/perl /orders.pl <&4 >&4 3>&- 4>&-
`;

/** Process 1 of the guest's tree: starts the guest, buries what its commands leave behind, and ends with it. */
export const GUEST = `#!/bin/sh
mount -t proc -o nosuid,nodev,noexec proc /mnt/proc
ulimit -c 0
ulimit -n 8192
ulimit -f 4194304
exec 5<&0
chroot /mnt /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin /usr/bin/setpriv --no-new-privs --inh-caps=-all \
  --bounding-set=-all,+setuid,+setgid,+kill ${GUEST_ARGV.join(" ")} <&5 5<&- &
exec 0<&- 1>&- 5<&-
wait $!
`;

/**
 * Process 1 once all is prepared: takes orders on its input and answers each with a line. It starts no program for them,
 * because that takes an emulated machine a tenth of a second. It finds no modules. The machine ends with it.
 */
export const ORDERS = `
$SIG{CHLD} = "IGNORE";
$| = 1;
my $workspace = "/mnt/workspace";

# Arguments: the limit on processes, then those of settle.
sub start {
  my ($pids, @now) = @_;
  open(my $limit, ">", "/sys/fs/cgroup/sandbox/pids.max") or die "pids.max: $!";
  print {$limit} $pids;
  close($limit) or die "pids.max: $!";
  my ($disk, $type) = ("/dev/vdb", "ext4");
  syscall(165, $disk, $workspace, $type, 2 | 4, 0) == 0 or die "mount: $!"; # MS_NOSUID, MS_NODEV
  settle(@now);
}

# A machine that goes on from a template has the time and the random state of all others that did.
# Arguments: seconds, nanoseconds, random bytes in hexadecimal (or nothing).
sub settle {
  my ($seconds, $nanoseconds, $hex) = @_;
  syscall(227, 0, pack("qq", $seconds, $nanoseconds)) == 0 or die "clock_settime: $!";
  return unless $hex;
  my $bytes = pack("H*", $hex);
  open(my $random, ">", "/dev/random") or die "random: $!";
  ioctl($random, 0x40085203, pack("iia*", 8 * length($bytes), length($bytes), $bytes)) or die "RNDADDENTROPY: $!";
  ioctl($random, 0x5207, 0) or die "RNDRESEEDCRNG: $!";
}

sub freezer {
  my ($request) = @_;
  open(my $folder, "<", $workspace) or die "$workspace: $!";
  ioctl($folder, $request, 0) or die "freezer: $!";
}

my %orders = (
  start => \\&start,
  clock => \\&settle,
  hold => sub { freezer(0xC0045877) }, # FIFREEZE
  release => sub { freezer(0xC0045878) }, # FITHAW
);
while (my $line = <STDIN>) {
  my ($name, @words) = split(" ", $line);
  my $order = $orders{$name};
  my $isDone = eval { $order ? $order->(@words) : die "There is no order $name.\\n"; 1 };
  print $isDone ? "done\\n" : "failed " . $@ =~ s/\\s+/ /gr . "\\n";
}
`;
