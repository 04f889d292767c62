import type { Duplex } from "node:stream";
import { Failure } from "../../../errors.ts";

/** What process 1 of the machine can be told, over a port of its own that no job can open. */
export type Orders = {
  /** Rejects with `unavailable/machine-order-failed` when it fails, or isn't answered in time. */
  give(order: string): Promise<void>;
  /** How many processes the machine's kernel had ended for their memory when the guest ended; undefined until then. */
  memoryKills(): number | undefined;
};

const MAX_ANSWER_BYTES = 64 * 1024;

export function takeOrders(stream: Duplex, answerTimeoutMs: number): Orders {
  const waiting: ((answer: string) => void)[] = [];
  let memoryKills: number | undefined;
  void readLines(stream, (line) => {
    const ended = /^ended (\d{1,9})$/.exec(line)?.[1];
    if (ended !== undefined) memoryKills = Number(ended);
    else waiting.shift()?.(line);
  }).finally(() => {
    for (const answer of waiting.splice(0)) answer("the machine has ended");
  });
  return {
    memoryKills: () => memoryKills,
    async give(order) {
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.push(resolve);
      const timer = setTimeout(resolve, answerTimeoutMs, "no answer came in time");
      stream.write(`${order}\n`);
      const answer = await promise;
      clearTimeout(timer);
      if (answer === "done") return;
      throw new Failure(
        "unavailable",
        "machine-order-failed",
        `The micro-VM could not ${order.split(" ")[0]}: ${answer.slice(0, 500)}. Create another sandbox.`,
      );
    },
  };
}

async function readLines(stream: Duplex, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_ANSWER_BYTES) return;
      for (const line of lines) if (line !== "") onLine(line);
    }
  } catch {
    // The end of the machine; who waits is told below.
  }
}
