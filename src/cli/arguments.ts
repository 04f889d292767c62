import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Failure } from "../errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The options and the rest of a command's arguments; a fault in them is wrong usage of `command`. */
export function readArguments<T extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node's other sentences are about arguments that begin with a dash.
    const [first = ""] = String(error instanceof Error ? error.message : error).split(/\. |\n/);
    return wrongUsage(`${first.replace(/\.$/, "")}.`, command);
  }
}

/**
 * What the person who started the program has to put right before it can begin: an argument, a path or a setting. It
 * ends with 2.
 */
export const WRONG_USAGE: ReadonlySet<string> = new Set([
  "usage",
  "config",
  "private-key",
  "data-folder",
  "registry",
  "no-registry",
  "no-repository",
  "no-commit",
  "output",
  "bad-limits",
  "no-such-image",
  "no-such-provider",
  "no-such-runtime",
]);

/** Ends the program with 2 and the way to help. */
export function wrongUsage(message: string, command = ""): never {
  const help = `dunlin${command === "" ? "" : ` ${command}`} --help`;
  throw new Failure("invalid-request", "usage", `${message} See ${help}.`);
}

/** `--name 12.5` as a positive number. */
export function readNumber(command: string, name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  return wrongUsage(`--${name} needs a number above 0, not "${text}".`, command);
}
