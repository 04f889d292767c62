import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { Failure } from "../../../errors.ts";

/**
 * Users of the host that stand for a sandbox's root and its job. They come from the range that no distribution hands
 * out (systemd's "Users, Groups, UIDs and GIDs"): they own nothing and are nobody else's, not another sandbox's either.
 */
export type SandboxUsers = { readonly root: number; readonly job: number };

const FIRST_USER = 0x7000_0000;
const PAIRS = 0x07ff_0000;
const JOB_UID = 1000;

/** Where the host's own programs are that make a sandbox; nothing else of the environment is passed on. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function chooseUsers(): SandboxUsers {
  const root = FIRST_USER + 2 * randomInt(PAIRS);
  return { root, job: root + 1 };
}

export type UserNamespace = {
  /** Names it until `close`; whoever is in it by then keeps it. */
  readonly path: string;
  close(): void;
};

/** A user name space with nobody in it but a process that waits; only these two users exist there. */
export async function openUserNamespace({ root, job }: SandboxUsers): Promise<UserNamespace> {
  const holder = spawn("unshare", ["--user", "--", "sh", "-c", "echo && exec cat"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: SYSTEM_PATH },
  });
  const close = () => {
    holder.kill("SIGKILL");
  };
  let complaint = "";
  holder.stderr.on("data", (text) => {
    complaint += text;
  });
  try {
    const ended = once(holder, "close").then(() => "ended");
    const said = await Promise.race([once(holder.stdout, "data"), ended]);
    if (said === "ended" || holder.pid === undefined) throw new Error(complaint.trim());
    const map = `0 ${root} 1\n${JOB_UID} ${job} 1\n`;
    for (const name of ["uid_map", "gid_map"]) await writeFile(`/proc/${holder.pid}/${name}`, map);
    return { path: `/proc/${holder.pid}/ns/user`, close };
  } catch (cause) {
    close();
    throw new Failure(
      "unavailable",
      "sandbox-not-started",
      `No user name space could be made: ${cause instanceof Error ? cause.message : cause}. Look at /proc/sys/user/max_user_namespaces.`,
      { cause },
    );
  }
}
