import { Failure } from "../errors.ts";

type Next = { readonly command: string; readonly finding: string };

const WAYS_AROUND: readonly {
  readonly sign: RegExp;
  readonly flag: string;
  readonly finding: string;
}[] = [
  {
    sign: /\bERESOLVE\b/,
    flag: "--legacy-peer-deps",
    finding:
      "The packages' peer dependencies contradict each other; installed with `--legacy-peer-deps`.",
  },
  {
    sign: /npm (?:ERR!|error) (?:code ELIFECYCLE|command failed|command sh -c)|ELIFECYCLE|lifecycle script/i,
    flag: "--ignore-scripts",
    finding: "An install script of a package failed; installed with `--ignore-scripts`.",
  },
];

/** Another way to install after a failure that npm's own log explains; undefined when there is none. */
export function nextInstall(command: string, log: string): Next | undefined {
  if (
    /^npm ci\b/.test(command) &&
    /\bEUSAGE\b|can only install packages when your package(?:\.json|-lock)/.test(log)
  ) {
    return {
      command: command.replace(/^npm ci/, "npm install --no-package-lock"),
      finding: "The lock file does not match package.json; installed what package.json asks for.",
    };
  }
  if (!/^npm (?:ci|install)\b/.test(command)) return undefined;
  const way = WAYS_AROUND.find(({ sign, flag }) => sign.test(log) && !command.includes(flag));
  return way && { command: `${command} ${way.flag}`, finding: way.finding };
}

/** Name of a package that the registry refused or doesn't know; undefined when that isn't the trouble. */
function refusedPackage(log: string): string | undefined {
  const denied =
    /\bE40[13]\b|\b(?:401|403) (?:Unauthorized|Forbidden)|ERR_PNPM_FETCH_40[13]|Incorrect or missing password|need auth|ENEEDAUTH/i.test(
      log,
    );
  const unknown =
    /\bE404\b|\b404 Not Found|ERR_PNPM_FETCH_404|Couldn't find package|Package not found/i.test(
      log,
    );
  if (!denied && !unknown) return undefined;
  const scoped = /(@[a-z0-9~][\w.~-]*(?:\/|%2f)[a-z0-9~][\w.~-]*)/i
    .exec(log)?.[1]
    ?.replace(/%2f/i, "/");
  if (scoped !== undefined) return scoped;
  return denied ? "a package" : undefined;
}

function manager(log: string, exitCode: number | null): string | undefined {
  const named = /(?:^|[\s:])(pnpm|yarn|npm|bun): (?:command )?not found/m.exec(log)?.[1];
  return exitCode === 127 ? named : undefined;
}

const ADVICE: readonly { readonly sign: RegExp; readonly text: string }[] = [
  {
    sign: /git(?:\+ssh|\+https)?:\/\/|git@|git ls-remote|codeload|\.git#/,
    text: "A dependency comes from a Git repository, which the sandbox can't reach: depend on a published version, or set `install` in .github/dunlin.yml.",
  },
  {
    sign: /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|UNABLE_TO_\w+|SELF_SIGNED_CERT\w*)\b/,
    text: "A server could not be reached from the sandbox, which reaches the configured registries only: ask the operator to look at DUNLIN_REGISTRIES, or set `install` in .github/dunlin.yml.",
  },
];

function lastLines(log: string): string {
  return log
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-15)
    .join("\n")
    .slice(-2000);
}

/** What a person can do about an installation that failed for good. */
export function explainInstall(failed: {
  readonly command: string;
  readonly exitCode: number | null;
  readonly log: string;
}): Failure {
  const { command, exitCode, log } = failed;
  const block = `\`\`\`text\n${lastLines(log)}\n\`\`\``;
  const missing = manager(log, exitCode);
  if (missing !== undefined) {
    return new Failure(
      "invalid-request",
      "package-manager-missing",
      `The repository uses ${missing}, which the sandbox's image doesn't have. Set \`install\` and \`test\` in .github/dunlin.yml to commands of npm, or choose an image with ${missing}.`,
    );
  }
  const refused = refusedPackage(log);
  if (refused !== undefined) {
    return new Failure(
      "invalid-request",
      "private-packages",
      `The installation needs ${refused}, which the registry doesn't give out without credentials. The operator can give Dunlin one (DUNLIN_REGISTRIES), and it stays outside of the sandbox; or set \`install\` in .github/dunlin.yml to a command that does without the package.\n\n${block}`,
    );
  }
  const advice =
    ADVICE.find(({ sign }) => sign.test(log))?.text ??
    "Make the command work in a fresh clone, or set `install` in .github/dunlin.yml to one that does.";
  return new Failure(
    "invalid-request",
    "install-failed",
    `The installation (\`${command}\`) failed with exit code ${exitCode ?? "none"}. ${advice}\n\n${block}`,
  );
}
