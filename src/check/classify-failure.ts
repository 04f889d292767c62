import type { FailureReason } from "./suite.ts";

/** What a reporter said about a failure; every text comes from the tested program. */
export type ReportedError = {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly stack: string;
  /** The reporter saw that a comparison failed. */
  readonly assertion?: boolean | undefined;
  /** The runner's own time limit for a test. */
  readonly timeout?: boolean | undefined;
  /** Where the reporter can tell, because the language isn't JavaScript. */
  readonly reason?: FailureReason | undefined;
};

const IMPORT_CODES = new Set([
  "MODULE_NOT_FOUND",
  "ERR_MODULE_NOT_FOUND",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
  "ERR_PACKAGE_IMPORT_NOT_DEFINED",
  "ERR_REQUIRE_ESM",
  "ERR_REQUIRE_ASYNC_MODULE",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_INVALID_MODULE_SPECIFIER",
  "ERR_VITE_IMPORT",
]);
const IMPORT_MESSAGE =
  /^(?:\w*Error: )?(?:Cannot find (?:module|package)\b|Failed to (?:resolve import|load url|resolve entry)\b|Missing "[^"]*" specifier in|No known conditions for)|does not provide an export named|Named export '[^']*' not found|Cannot use import statement outside|Unexpected token 'export'|Jest encountered an unexpected token/;
const SYNTAX_MESSAGE =
  /\bTransform failed with \d+ error|Failed to parse source|\bParse failure|^(?:\w*Error: )?\S+: (?:Unexpected token|Missing semicolon|.*\(\d+:\d+\)$)/m;
/** Frames of Node's or a runner's loader: the file could not even be read as a program. */
const LOADER_FRAME =
  /\b(?:wrapSafe|compileFunction|compileSourceTextModule|new Script|compileForInternalLoader|Module\._compile|createScriptFromCode|ScriptTransformer|moduleStrategy|ModuleLoader|ModuleJob)\b|\(node:(?:vm|internal\/(?:vm|modules))/;

function frames(stack: string): readonly string[] {
  const lines = stack.split("\n").filter((line) => line.length < 1000);
  return lines.filter((line) => /^\s+at |:\d+:\d+\)?$/.test(line));
}

function isUnreadable(error: ReportedError): boolean {
  if (SYNTAX_MESSAGE.test(error.message)) return true;
  if (!/^(?:SyntaxError|RollupError|TSError)$/.test(error.name)) return false;
  const first = frames(error.stack)[0];
  return first === undefined || LOADER_FRAME.test(first);
}

/** Whether the stack has a frame in the repository itself: not in its dependencies, not in Node. */
function touchesRepository(stack: string, root: string): boolean {
  return frames(stack).some((line) => {
    const path = /(?:\(|at |^\s*)(?:async )?(?:file:\/\/)?([^\s():][^():]*):\d+(?::\d+)?\)?$/.exec(
      line,
    )?.[1];
    // Mocha cuts the working directory off the paths.
    const own = path?.startsWith(`${root}/`) || path?.startsWith("/") === false;
    return own && !line.includes("node_modules/");
  });
}

/**
 * A rule of thumb that errs on the weak side: only a failed comparison and an error that passed through the
 * repository's own code are strong. `root` is the workspace as the sandbox names it.
 */
export function classifyFailure(error: ReportedError, root: string): FailureReason {
  if (error.reason !== undefined) return error.reason;
  if (error.timeout === true) return "timeout";
  if (IMPORT_CODES.has(error.code) || IMPORT_MESSAGE.test(error.message)) return "import";
  if (error.assertion === true) return "assertion";
  if (isUnreadable(error)) return "syntax";
  if (error.code === "ENOENT" || error.message.startsWith("ENOENT: ")) return "missing-file";
  if (touchesRepository(error.stack, root)) return "exception";
  return "unknown";
}
