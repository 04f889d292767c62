import { z } from "zod";
import { Failure } from "../../errors.ts";
import { WORKSPACE } from "../../sandbox/sandbox.ts";
import { runCommand } from "./command.ts";
import { cleanOutput, describeEnd, elideMiddle, KEPT_OUTPUT_BYTES } from "./output.ts";
import { workspacePath } from "./paths.ts";
import { type Bench, type Tool, type ToolResult, toolInput } from "./tool.ts";

const ENVIRONMENT = {
  CI: "1",
  GIT_PAGER: "cat",
  MANPAGER: "cat",
  NO_COLOR: "1",
  PAGER: "cat",
  TERM: "dumb",
};

// One pipe for both streams keeps their lines in order; `bash` where there is one, because models write it.
const WRAPPER =
  'exec 2>&1; if command -v bash >/dev/null; then exec bash -c "$1"; else exec sh -c "$1"; fi';

const input = toolInput(
  "shell",
  "Run a shell command in the workspace and get its output and exit code. Each command is a new process: the folder and variables of an earlier one are gone, and everything it started is killed when it ends. There is no network, except for the project's install command with setup: true. Search with git grep -n (add --untracked for new files). Long output loses its middle.",
  z.object({
    command: z.string().min(1).describe("Shell text, run by bash."),
    cwd: z.string().optional().describe("Folder to run in; the workspace when left out."),
    timeout_s: z.int().min(1).max(900).default(120).describe("Seconds before it is killed."),
    setup: z
      .boolean()
      .default(false)
      .describe(
        "Run the project's install command again, exactly as it is given above, with the package registries reachable.",
      ),
  }),
);

type ShellInput = {
  command: string;
  cwd?: string | undefined;
  timeout_s: number;
  setup: boolean;
};

export const shell: Tool<ShellInput> = {
  ...input,
  async run({ command, cwd, timeout_s, setup }, bench) {
    if (setup) return setUpAgain(command, cwd, bench);
    const result = await runCommand(
      bench,
      ["sh", "-c", WRAPPER, "sh", `${bench.prelude}${command}`],
      {
        cwd: workspacePath(cwd ?? "."),
        env: ENVIRONMENT,
        timeoutMs: timeout_s * 1_000,
        maxOutputBytes: KEPT_OUTPUT_BYTES,
      },
    );
    const output = elideMiddle(cleanOutput(result.stdout), result.droppedBytes).trimEnd();
    const end = describeEnd(result, timeout_s);
    const lines = [output, end].filter((line) => line !== undefined && line !== "");
    return { text: lines.join("\n") || "The command ran successfully and printed nothing." };
  },
};

async function setUpAgain(
  command: string,
  cwd: string | undefined,
  { setUp, signal }: Bench,
): Promise<ToolResult> {
  const allowed = setUp.command;
  if (allowed === undefined) {
    return { text: "Error: the project has nothing to install, so setup can't be used." };
  }
  if (command.trim() !== allowed.trim() || workspacePath(cwd ?? ".") !== WORKSPACE) {
    return {
      text: `Error: with setup only the project's install command may run, in the workspace: ${allowed}`,
    };
  }
  try {
    const installed = await setUp.run(signal);
    const lines = [...installed.findings, installed.logTail.trim(), "[installed]"];
    return { text: lines.filter((line) => line !== "").join("\n") };
  } catch (error) {
    // An installation that takes too long or too much is over; the run is not.
    if (error instanceof Failure && error.code.startsWith("install-")) {
      return { text: `Error: ${error.message}` };
    }
    throw error;
  }
}
