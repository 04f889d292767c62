import type { Sandbox, SandboxLimits } from "../../sandbox.ts";

/** Enough for the checks, little enough to see the limits hold. */
export const TRIAL_LIMITS: SandboxLimits = {
  cpus: 1,
  memoryMiB: 256,
  pids: 48,
  workspaceMiB: 16,
};

const CHECKS: readonly { readonly name: string; readonly script: string }[] = [
  // An old gVisor on a new kernel fails at `stat`, and with it at most programs.
  { name: "reading files", script: "stat /etc/passwd && ls -l / && echo x > /workspace/x" },
  { name: "starting processes", script: "for i in 1 2 3 4 5; do (true) & done; wait" },
  {
    name: "the limit on processes",
    // The shell that can't fork ends with an error; one that could go on would say so.
    script: "if (i=0; while [ $i -lt 60 ]; do sleep 30 & i=$((i+1)); done); then exit 1; fi",
  },
  { name: "commands after the limit was reached", script: "ls /workspace/x" },
];
const CHECK_TIMEOUT_MS = 30_000;

/** What doesn't work in a sandbox made with `TRIAL_LIMITS`; undefined when all does. */
export async function tryOut(sandbox: Sandbox): Promise<string | undefined> {
  for (const { name, script } of CHECKS) {
    const result = await sandbox.exec(["/bin/sh", "-c", script], { timeoutMs: CHECK_TIMEOUT_MS });
    if (result.end === "exit" && result.exitCode === 0) continue;
    const said = new TextDecoder().decode(result.stderr).trim().split("\n").at(-1) ?? "";
    const how = result.end === "exit" ? `exit ${result.exitCode}` : result.end;
    return `${name} failed (${how}) ${said}`.trim();
  }
  return undefined;
}
