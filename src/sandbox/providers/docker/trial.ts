import type { IsolationKind } from "../../capabilities.ts";
import type { Sandbox, SandboxLimits } from "../../sandbox.ts";

/** Enough for the checks, little enough to see the limits hold. */
export const TRIAL_LIMITS: SandboxLimits = {
  cpus: 1,
  memoryMiB: 256,
  pids: 48,
  workspaceMiB: 16,
};

type Check = { readonly name: string; readonly script: string };

const CHECKS: readonly Check[] = [
  // An old gVisor on a new kernel fails at `stat`, and with it at most programs.
  { name: "reading files", script: "stat /etc/passwd && ls -l / && echo x > /workspace/x" },
  { name: "starting processes", script: "for i in 1 2 3 4 5; do (true) & done; wait" },
  {
    name: "the limit on processes",
    // The shell that can't fork ends with an error; one that could go on would say so.
    script: "if (i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done); then exit 1; fi",
  },
  { name: "commands after the limit was reached", script: "ls /workspace/x" },
  {
    name: "having no network",
    // An address for documentation. Packets that are only dropped would mean that there is a way out.
    script: `said=$(timeout 20 bash -c 'exec 3<>/dev/tcp/192.0.2.1/80' 2>&1)
      case $said in *unreachable*|*'No route to host'*) ;; *) echo "$said" >&2; exit 1 ;; esac`,
  },
  {
    name: "the way out through Dunlin",
    script: `timeout 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128 &&
      printf "CONNECT 192.0.2.1:443 HTTP/1.1\\r\\n\\r\\n" >&3 && read -r said <&3 &&
      case $said in *" 403 "*) ;; *) echo "$said" >&2; exit 1 ;; esac'`,
  },
];

/** `$1` is the release of the engine's own kernel. */
const OWN_KERNEL: Check = {
  name: "having a kernel of its own",
  script: `[ "$(uname -r)" != "$1" ] || { echo "it is the host's $1" >&2; exit 1; }`,
};
const OWN_USERS: Check = {
  name: "having users of its own",
  script: `read -r inside outside count < /proc/self/uid_map
    [ "$outside" != 0 ] || { echo "its root is the host's" >&2; exit 1; }`,
};

/** What shows that a runtime is what its name says. */
function proofOf(isolation: IsolationKind): readonly Check[] {
  if (isolation === "gvisor" || isolation === "kata") return [OWN_KERNEL];
  return isolation === "user-namespace" || isolation === "sysbox" ? [OWN_USERS] : [];
}

const CHECK_TIMEOUT_MS = 30_000;

/** What doesn't work in a sandbox made with `TRIAL_LIMITS`; undefined when all does. */
export async function tryOut(
  sandbox: Sandbox,
  isolation: IsolationKind,
  engineKernel: string,
): Promise<string | undefined> {
  for (const { name, script } of [...CHECKS, ...proofOf(isolation)]) {
    const argv = ["/bin/sh", "-c", script, "sh", engineKernel];
    const result = await sandbox.exec(argv, { timeoutMs: CHECK_TIMEOUT_MS });
    if (result.end === "exit" && result.exitCode === 0) continue;
    const said = new TextDecoder().decode(result.stderr).trim().split("\n").at(-1) ?? "";
    const how = result.end === "exit" ? `exit ${result.exitCode}` : result.end;
    return `${name} failed (${how}) ${said}`.trim();
  }
  return undefined;
}
