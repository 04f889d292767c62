import type { Duplex } from "node:stream";
import { Failure } from "../../../errors.ts";

/** qemu's control channel, one command at a time or several. */
export type Monitor = {
  /** Rejects with qemu's own words, and when it ends or stays silent. */
  run(command: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
};

const ANSWER_TIMEOUT_MS = 20_000;
const MAX_LINE_BYTES = 1024 ** 2;

type Answer = {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
};

/** Greets qemu on a stream that speaks its machine protocol (JSON, one object a line). */
export async function openMonitor(stream: Duplex): Promise<Monitor> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let nextId = 1;
  const ended = readAnswers(stream, (answer) => {
    if (answer.id === undefined) return; // a greeting or an event
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });

  async function run(command: string, options = {}): Promise<unknown> {
    const id = nextId;
    nextId += 1;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    stream.write(`${JSON.stringify({ execute: command, arguments: options, id })}\n`);
    const silence = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const silent = new Promise<undefined>((resolve) => {
      silence.addEventListener("abort", () => resolve(undefined));
    });
    const answer = await Promise.race([answered, ended, silent]);
    waiting.delete(id);
    if (answer === undefined) throw failed(command, stream.destroyed ? "it ended" : "no answer");
    if (answer.error !== undefined) throw failed(command, answer.error.desc);
    return answer.return;
  }

  await run("qmp_capabilities");
  return { run };
}

async function readAnswers(stream: Duplex, onAnswer: (answer: Answer) => void): Promise<undefined> {
  let rest = "";
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE_BYTES) throw new RangeError("A line is too long.");
      for (const line of lines) onAnswer(JSON.parse(line));
    }
  } catch {
    // It broke, or what came is no answer: whoever waits gets that as an end.
  }
  stream.destroy();
}

function failed(command: string, why: string): Failure {
  return new Failure(
    "unavailable",
    "qemu-failed",
    `The micro-VM could not be controlled: qemu's ${command} failed (${why}). Try again; if it stays so, look at the log of the machine.`,
  );
}
