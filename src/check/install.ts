import { Failure } from "../errors.ts";
import type { Registry } from "../sandbox/egress-registry.ts";
import type { ExecResult, OutputChunk, Sandbox } from "../sandbox/sandbox.ts";
import { cleanText } from "./clean-text.ts";
import { explainInstall, nextInstall } from "./explain-install.ts";
import { withLedLocks } from "./lock-addresses.ts";
import type { Project } from "./project.ts";
import { prelude } from "./project-shell.ts";
import { tailOf } from "./suite-log.ts";

export type InstallOptions = {
  /** The set-up phase's proxy and registries; never a secret. */
  readonly env?: Readonly<Record<string, string>>;
  /** Those at the gateway, where lock files have to lead meanwhile. */
  readonly registries?: readonly Registry[];
  /** For each attempt. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onOutput?: (chunk: OutputChunk) => void | Promise<void>;
};

export type Installed = {
  /** The command that worked; undefined when there was nothing to install. */
  readonly command?: string;
  readonly durationMs: number;
  readonly logTail: string;
  /** One line for each way around a problem, for the status comment. */
  readonly findings: readonly string[];
};

const MOST_ATTEMPTS = 3;
/** A registry that doesn't answer is given up after seconds, not minutes. */
const QUIET = {
  CI: "true",
  npm_config_update_notifier: "false",
  // Nobody reads them here, and the audit asks for what the gateway refuses, again and again.
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "10000",
};

function logOf(result: ExecResult): string {
  return tailOf(cleanText(result.stdout)) + tailOf(cleanText(result.stderr));
}

function refuse(result: ExecResult, command: string, signal: AbortSignal | undefined): never {
  signal?.throwIfAborted();
  const minutes = Math.round(result.durationMs / 60_000);
  switch (result.end) {
    case "lost":
      throw new Failure(
        "unavailable",
        "sandbox-lost",
        "The sandbox was lost during the installation; it starts again in a new one.",
      );
    case "oom":
      throw new Failure(
        "limit-reached",
        "install-out-of-memory",
        `The installation (\`${command}\`) ran out of memory. Set \`install\` in .github/dunlin.yml to install less.`,
      );
    case "timeout":
      throw new Failure(
        "limit-reached",
        "install-timeout",
        `The installation (\`${command}\`) did not end within ${minutes} minutes. Set \`install\` in .github/dunlin.yml to install less.`,
      );
    default:
      throw explainInstall({ command, exitCode: result.exitCode, log: logOf(result) });
  }
}

type Attempts = InstallOptions & { readonly prelude: string };

function attempt(sandbox: Sandbox, command: string, options: Attempts): Promise<ExecResult> {
  return sandbox.exec(["sh", "-c", `${options.prelude}${command}`], {
    env: { ...options.env, ...QUIET },
    timeoutMs: options.timeoutMs,
    maxOutputBytes: 64 * 1024,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
}

/**
 * Installs the dependencies in the workspace. Known obstacles are gone around, and said in `findings`. Throws
 * `invalid-request` (`install-failed`, `private-packages`, `package-manager-missing`) with the end of the log,
 * `limit-reached` (`install-timeout`, `install-out-of-memory`) and `unavailable/sandbox-lost`.
 */
export async function install(
  sandbox: Sandbox,
  project: Project,
  options: InstallOptions,
): Promise<Installed> {
  const { install: command, packageManager } = project;
  if (command === undefined) return { durationMs: 0, logTail: "", findings: [] };
  return withLedLocks(sandbox, packageManager, options.registries ?? [], () =>
    tryToInstall(sandbox, command, { ...options, prelude: prelude(project) }),
  );
}

async function tryToInstall(
  sandbox: Sandbox,
  first: string,
  options: Attempts,
): Promise<Installed> {
  let next: { readonly command: string } = { command: first };
  let durationMs = 0;
  const findings: string[] = [];
  for (let left = MOST_ATTEMPTS; ; left--) {
    const { command } = next;
    const result = await attempt(sandbox, command, options);
    durationMs += result.durationMs;
    const logTail = logOf(result);
    if (result.exitCode === 0) return { command, durationMs, logTail, findings };
    const other = left > 1 && result.end === "exit" ? nextInstall(command, logTail) : undefined;
    if (other === undefined) refuse(result, command, options.signal);
    findings.push(other.finding);
    next = other;
  }
}
