import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { Failure } from "../../../errors.ts";
import type { SandboxLimits } from "../../sandbox.ts";
import { GUEST_ARGV } from "../docker/image.ts";
import { bwrapArguments, folderOptions, STAGE } from "./bwrap-arguments.ts";
import type { Group } from "./control-groups.ts";
import type { Host } from "./host.ts";
import type { HostRoot } from "./host-root.ts";
import { identifyProcess, type ProcessId } from "./process-id.ts";
import { chooseUsers, openUserNamespace, SYSTEM_PATH } from "./user-namespace.ts";

export type LaunchOptions = {
  readonly root: HostRoot;
  /** Made already; the sandbox joins them. */
  readonly groups: readonly Group[];
  readonly limits: SandboxLimits;
  readonly host: Pick<Host, "layout" | "maxOpenFiles" | "holdsScores">;
};

export type Launched = {
  /** bwrap outside of the sandbox; when it ends, all of the sandbox does. */
  readonly bwrap: ChildProcess;
  readonly init: ProcessId;
  readonly output: Readable;
  readonly input: Writable;
  /** The end of what the guest, or bwrap, wrote to standard error. */
  complaint(): string;
};

/** The kernel ends a sandbox before other programs of the host when memory is short; the guest puts jobs before itself. */
const MEMORY_SCORE = 500;
const MAX_OPEN_FILES = 8192;
const MAX_FILE_BYTES = 2 * 1024 ** 3;
const MAX_COMPLAINT_BYTES = 8 * 1024;
const SECCOMP_FD = 3;
const INFO_FD = 4;
const ARGUMENTS_FD = 5;
const LAST_FD = ARGUMENTS_FD;

/**
 * Runs as the host's root in a mount name space of its own, which goes with it: a quota for inodes is nothing that bwrap
 * can set, and the users of the sandbox can't reach folders like `/root`. What follows runs in the user name space. What
 * Dunlin itself was started with and left open would come all the way to the jobs. Plain `sh` can't close two digits.
 */
const SCRIPT = `set -e
for fd in /proc/self/fd/*; do
  fd=\${fd##*/}
  if [ "$fd" -gt ${LAST_FD} ]; then eval "exec $fd>&-"; fi
done
for procs in $PROCS; do echo $$ > "$procs"; done
[ -z "$SCORE" ] || echo "$SCORE" > /proc/self/oom_score_adj
mount --bind "$ROOT" ${STAGE}
mount -t tmpfs -o "$TMP" dunlin ${STAGE}/stage/tmp
mount -t tmpfs -o "$HOME_FOLDER" dunlin ${STAGE}/stage/home
mount -t tmpfs -o "$WORKSPACE" dunlin ${STAGE}/stage/workspace
exec nsenter --user="$USERS" -- setpriv --inh-caps=+all -- "$@"`;

/** bwrap keeps what it needs by inheritance; nothing that comes after it can ever have more than these. */
const LAST_CAPABILITIES = ["setpriv", "--bounding-set=-all,+setuid,+setgid,+kill", "--"];
/** The guest holds them by itself; what it starts inherits none. */
const GUEST = ["/usr/bin/setpriv", "--inh-caps=-all", "--", ...GUEST_ARGV];

/** Throws `unavailable/sandbox-not-started` with bwrap's own words; nothing of it runs then. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const users = chooseUsers();
  const namespace = await openUserNamespace(users);
  const filter = await open(join(options.root.folder, "seccomp.bpf"));
  try {
    const folders = folderOptions(options.limits, users);
    const script = ["--mount", "--propagation", "private", "--", "bash", "-c", SCRIPT, "bash"];
    const bwrap = spawn("unshare", [...script, ...limitedBwrap(options)], {
      cwd: "/",
      env: {
        PATH: SYSTEM_PATH,
        USERS: namespace.path,
        ROOT: options.root.folder,
        SCORE: options.host.holdsScores ? `${MEMORY_SCORE}` : "",
        PROCS: options.groups.map(({ folder }) => `${folder}/cgroup.procs`).join(" "),
        TMP: folders.tmp,
        HOME_FOLDER: folders.home,
        WORKSPACE: folders.workspace,
      },
      stdio: ["pipe", "pipe", "pipe", filter.fd, "pipe", "pipe"],
    });
    const pipes: readonly unknown[] = bwrap.stdio;
    tell(pipes[ARGUMENTS_FD], bwrapArguments(options.host.layout, options.groups));
    return await started(bwrap);
  } finally {
    await filter.close();
    namespace.close();
  }
}

function limitedBwrap({ groups, limits, host }: LaunchOptions): readonly string[] {
  const openFiles = Math.min(MAX_OPEN_FILES, host.maxOpenFiles);
  const has = (name: "pids" | "memory") => groups.some((group) => group.controllers.includes(name));
  return [
    ...LAST_CAPABILITIES,
    ...["prlimit", "--core=0:0", `--fsize=${MAX_FILE_BYTES}:${MAX_FILE_BYTES}`],
    `--nofile=${openFiles}:${openFiles}`,
    // Without control groups: no other sandbox has this user, so its own limit counts this one's processes only.
    ...(has("pids") ? [] : [`--nproc=${limits.pids}:${limits.pids}`]),
    // Of one process only, so no limit that is declared; it stops the usual accident.
    ...(has("memory") ? [] : [`--data=${limits.memoryMiB * 1024 ** 2}`]),
    ...["--", "bwrap", "--args", `${ARGUMENTS_FD}`],
    ...["--seccomp", `${SECCOMP_FD}`, "--info-fd", `${INFO_FD}`, "--", ...GUEST],
  ];
}

/** By a pipe, because a job can read the command line of process 1. */
function tell(pipe: unknown, words: readonly string[]): void {
  const writable = pipe as Writable;
  writable.on("error", () => {}); // bwrap is gone; its end tells
  writable.end(words.map((word) => `${word}\0`).join(""));
}

async function started(bwrap: ChildProcess): Promise<Launched> {
  const complaint = keepEnd(bwrap.stderr);
  const ended = new Promise<void>((resolve) => {
    bwrap.on("error", () => resolve()).on("close", () => resolve());
  });
  const pid = await readChildPid(bwrap.stdio[INFO_FD]);
  const init = pid === undefined ? undefined : await identifyProcess(pid);
  const { stdin, stdout } = bwrap;
  if (init !== undefined && stdin !== null && stdout !== null) {
    return { bwrap, init, output: stdout, input: stdin, complaint };
  }
  bwrap.kill("SIGKILL");
  await ended;
  throw new Failure(
    "unavailable",
    "sandbox-not-started",
    `bubblewrap could not make a sandbox: ${complaint() || "it said nothing"}`,
  );
}

const Info = z.object({ "child-pid": z.int().positive() });

/** Undefined when bwrap ended before it told. */
async function readChildPid(info: unknown): Promise<number | undefined> {
  let text = "";
  for await (const chunk of info as Readable) text += chunk;
  if (text === "") return undefined;
  return Info.parse(JSON.parse(text))["child-pid"];
}

function keepEnd(stream: Readable | null): () => string {
  let kept = Buffer.alloc(0);
  stream?.on("data", (data: Buffer) => {
    kept = Buffer.concat([kept, data]).subarray(-MAX_COMPLAINT_BYTES);
  });
  return () => kept.toString("utf8").trim();
}
