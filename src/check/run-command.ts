import type { ExecResult, Sandbox } from "../sandbox/sandbox.ts";
import { WORKSPACE } from "../sandbox/sandbox.ts";
import { cleanText } from "./clean-text.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import type { Project } from "./project.ts";
import { prelude } from "./project-shell.ts";
import { type Hash, SuiteLog, tailOf } from "./suite-log.ts";

/** One run of a command that isn't a test, e.g. a build. Plain JSON. */
export type CommandRun = {
  readonly command: string;
  readonly end: ExecResult["end"];
  readonly exitCode: number | null;
  readonly durationMs: number;
  readonly logTail: string;
  readonly logSha256: string;
  /** What a known tool complained about, without the lines' numbers. */
  readonly diagnostics: readonly string[];
};

const MOST_KEPT_BYTES = 2 * 1024 * 1024;
const QUIET = { CI: "true", NO_COLOR: "1", NO_UPDATE_NOTIFIER: "1", npm_config_loglevel: "warn" };

/** Runs a command of the project in the workspace. Never throws for what it does; `end` tells. */
export async function runCommand(
  sandbox: Sandbox,
  project: Pick<Project, "env" | "path">,
  options: {
    readonly command: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly createHash: () => Hash;
  },
): Promise<CommandRun> {
  const { command, timeoutMs, signal, createHash } = options;
  const log = new SuiteLog(createHash());
  const result = await sandbox.exec(["sh", "-c", `${prelude(project)}${command}`], {
    env: QUIET,
    timeoutMs,
    signal,
    maxOutputBytes: MOST_KEPT_BYTES,
    onOutput: (chunk) => log.add(chunk),
  });
  const { end, exitCode, durationMs, stdout, stderr } = result;
  const diagnostics = [stdout, stderr].flatMap((bytes) =>
    diagnosticsOf(cleanText(bytes), WORKSPACE),
  );
  return {
    command,
    end,
    exitCode,
    durationMs,
    logTail: tailOf(log.end()),
    logSha256: log.sha256(),
    diagnostics,
  };
}
