/** Who a machine's qemu runs as: a user of its own that owns nothing else. */
export type QemuUser = {
  readonly uid: number;
  /** The group that may open `/dev/kvm`, where the machine needs it. */
  readonly kvmGroup?: number;
};

// Above what distributions, containers and systemd give out, below what some file systems can't store.
const FIRST_UID = 0x7000_0000;
const UIDS = 2 ** 24;

/** `random` is from 0 to below 1. */
export function pickUser(random: number, kvmGroup: number | undefined): QemuUser {
  const uid = FIRST_UID + Math.floor(random * UIDS);
  return kvmGroup === undefined ? { uid } : { uid, kvmGroup };
}

const MAX_OPEN_FILES = 128;
const MAX_THREADS = 128;

/**
 * The command that starts qemu with no right beyond its own files: without capabilities, with no way to gain any, dead
 * as soon as the process that started it is. An undefined user is this process's own, which can't change it.
 */
export function confinedCommand(
  user: QemuUser | undefined,
  maxFileBytes: number,
  qemu: readonly string[],
): readonly string[] {
  const limits = [
    "--core=0",
    `--nofile=${MAX_OPEN_FILES}`,
    `--fsize=${maxFileBytes}`,
    ...(user === undefined ? [] : [`--nproc=${MAX_THREADS}`]),
  ];
  return [
    "prlimit",
    ...limits,
    "setpriv",
    ...identity(user),
    "--no-new-privs",
    "--pdeathsig=KILL",
    ...qemu,
  ];
}

function identity(user: QemuUser | undefined): readonly string[] {
  if (user === undefined) return [];
  const { uid, kvmGroup } = user;
  return [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    kvmGroup === undefined ? "--clear-groups" : `--groups=${kvmGroup}`,
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
}
