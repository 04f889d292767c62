import type { ExecOptions, ExecResult } from "../../../../src/sandbox/sandbox.ts";
import { COUNT_DESCRIPTORS } from "../../laws/commands.ts";
import { BOMB, COUNT_INODES, COUNT_STARTED, FILL, HOG, MANY_HOGS } from "../../laws/limits.ts";
import { answered } from "./egress.ts";

const KNOWN: Readonly<Record<string, ExecResult>> = {
  [HOG]: answered("", { end: "oom" }),
  [MANY_HOGS]: answered("", { end: "timeout" }),
  [BOMB]: answered("", { end: "timeout" }),
  // This process may have inherited some itself.
  [COUNT_DESCRIPTORS]: answered("4\n"),
  [COUNT_STARTED]: answered("40\n"),
  [COUNT_INODES]: answered("500000\n"),
  [FILL]: answered(`${16 * 1024 ** 2}\n`, {
    stderr: Buffer.from("head: write error: No space left on device\n"),
  }),
};

/** What a machine with every wall in place answers to a script that tries to do harm; nothing is run. */
export async function answerProbe(script: string, options: ExecOptions): Promise<ExecResult> {
  const known = KNOWN[script];
  if (known !== undefined) return known;
  if (/sleep 300\.125|listen\(7654/.test(script)) return stay(options);
  return answered(script.endsWith("echo checked") ? "checked\n" : "");
}

/** One that stays until its caller has had enough. */
async function stay({ signal, onOutput }: ExecOptions): Promise<ExecResult> {
  await onOutput?.({ fd: 1, data: Buffer.from("up\n") });
  if (signal?.aborted === false) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }
  return answered("up\n", { end: "killed" });
}
