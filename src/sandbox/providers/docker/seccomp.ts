/**
 * What a command may ask of the kernel. The list is the one that the Docker engine uses for a container without
 * capabilities (moby/profiles, Apache-2.0), less what engines up to 2026 have had to take back: io_uring, and sockets
 * of every family that tests have no use for (AF_VSOCK reaches the hypervisor, AF_ALG was a way to root). 32-bit calls
 * are gone altogether, because there a socket's family can't be seen.
 */
const ALLOWED = `
  _llseek _newselect accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget
  capset chdir chmod chown clock_adjtime clock_getres clock_gettime clock_nanosleep close
  close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
  epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve
  execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark
  fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr
  flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
  ftruncate64 futex futex_requeue futex_wait futex_waitv futex_wake futimesat get_robust_list
  get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
  getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr getxattrat
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy
  io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set ipc kill
  landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat
  listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat lstat64
  madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod
  mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open
  mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock
  munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open
  pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
  preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6 ptrace
  pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg
  recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall
  riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop send sendfile sendfile64 sendmmsg
  sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid
  setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid
  setsockopt setuid setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd
  signalfd4 sigprocmask sigreturn socketpair splice stat stat64 statfs statfs64 statmount statx
  symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
  timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill
  truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimes
  vfork vmsplice wait4 waitid waitpid write writev
`;

/** Local sockets, IPv4, IPv6, and the one that lists network interfaces. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** PER_LINUX, PER_LINUX32, with and without UNAME26; and the query. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];
/** Every CLONE_NEW* flag of `clone`. */
const NEW_NAMESPACES = 0x7e020000;
/** `clone3` hides its flags in memory; told that it doesn't exist, C libraries fall back to `clone`. */
const ENOSYS = 38;

/** Holds when the argument is `value`, or masked, when the bits of `value` are all 0 in it. */
type Condition = {
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";
};

/** What happens to these calls; rules with conditions on the same call hold one beside the other. */
export type SeccompRule = {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly Condition[];
};

/** The profile as the engine's API wants it, in JSON. */
export function seccompProfile(): string {
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    archMap: [
      { architecture: "SCMP_ARCH_X86_64", subArchitectures: [] },
      { architecture: "SCMP_ARCH_AARCH64", subArchitectures: [] },
    ],
    syscalls: seccompRules(),
  });
}

/** Every call that no rule names is refused with EPERM. */
export function seccompRules(): readonly SeccompRule[] {
  return [
    { names: ALLOWED.trim().split(/\s+/), action: "SCMP_ACT_ALLOW" },
    ...SOCKET_FAMILIES.map((family) => allowWhen("socket", family, "SCMP_CMP_EQ")),
    ...PERSONALITIES.map((persona) => allowWhen("personality", persona, "SCMP_CMP_EQ")),
    allowWhen("clone", NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"),
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
  ];
}

/** Allows a call by its first argument. */
function allowWhen(name: string, value: number, op: Condition["op"]): SeccompRule {
  return { names: [name], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value, valueTwo: 0, op }] };
}
