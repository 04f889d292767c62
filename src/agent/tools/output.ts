import type { ExecResult } from "../../sandbox/sandbox.ts";

const HEAD_CHARS = 4_000;
const TAIL_CHARS = 8_000;

/** Enough for the head and the tail of what is shown, however many bytes a character takes. */
export const KEPT_OUTPUT_BYTES = 128 * 1024;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is removed
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above

/** Output as a person would have seen it, without colours, control characters and overwritten progress lines. */
export function cleanOutput(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replace(ESCAPES, "");
  const lines = text.split("\n").map((line) => {
    const shown = line.replace(/\r+$/, "");
    return shown.slice(shown.lastIndexOf("\r") + 1);
  });
  return lines.join("\n").replace(CONTROLS, "");
}

/** The first 4,000 and the last 8,000 characters, cut at line ends where one is near. */
export function elideMiddle(text: string, droppedBytes = 0): string {
  if (text.length <= HEAD_CHARS + TAIL_CHARS && droppedBytes === 0) return text;
  const head = untilLineEnd(text.slice(0, HEAD_CHARS));
  const tail = fromLineStart(text.slice(Math.max(head.length, text.length - TAIL_CHARS)));
  const lines = text.slice(head.length, text.length - tail.length).split("\n").length - 1;
  const left = droppedBytes > 0 ? `${lines}+ lines, over ${droppedBytes} bytes` : `${lines} lines`;
  const hint = "send the output to a file under /tmp and read the part you need";
  return `${head}\n[… ${left} left out of the middle; ${hint} …]\n${tail}`;
}

function untilLineEnd(text: string): string {
  const end = text.lastIndexOf("\n");
  return end > text.length / 2 ? text.slice(0, end) : text;
}

function fromLineStart(text: string): string {
  const start = text.indexOf("\n");
  return start >= 0 && start < text.length / 2 ? text.slice(start + 1) : text;
}

/** How a command ended, when that isn't a plain success. */
export function describeEnd(
  result: Pick<ExecResult, "end" | "exitCode"> & { readonly signal?: string | null },
  timeoutSeconds: number,
): string | undefined {
  switch (result.end) {
    case "exit":
      return result.exitCode === 0 ? undefined : `[exit code ${result.exitCode}]`;
    case "signal":
      return `[killed by ${result.signal ?? "a signal"}]`;
    case "timeout":
      return `[timed out after ${timeoutSeconds} s and was killed with all its processes]`;
    case "oom":
      return "[killed: out of memory]";
    default:
      return "[killed: too much output; send it to a file under /tmp instead]";
  }
}
