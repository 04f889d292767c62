import { linesOf } from "../lines.ts";
import type { Hash } from "../suite-log.ts";

/** How far the reports of one run can be trusted. */
export type Integrity = {
  /** Every reporter that had something to report was told by its runner that all was run. */
  readonly ended: boolean;
  /** Parts of the report that were changed, are missing, or were not written by a reporter of this run. */
  readonly foreign: number;
};

export type Opened = {
  /** Lines as their reporters wrote them; what follows a broken seal is left out. */
  readonly lines: readonly string[];
  readonly integrity: Integrity;
};

const SEAL = /^[0-9a-f]{64}\{/;
const MOST_STREAMS = 2000;

/**
 * Checks what each reporting process left against the key that the first of them was given: each next process gets a
 * key made from the one before, and each line's seal covers the one before, as `reporters/record.ts` does it.
 */
export function openSealed(
  streams: readonly string[],
  firstKey: string,
  createHash: () => Hash,
): Opened {
  const sha256 = createSha256(createHash);
  const read = streams.slice(0, MOST_STREAMS).map((stream) => splitLines(stream));
  const waiting = new Set(read);
  const opened: Stream[] = [];
  for (let key = firstKey; waiting.size > 0; key = sha256(`next${key}`)) {
    const own = [...waiting].find(([line = ""]) => isSealed(line, key, "", sha256));
    if (own === undefined) break;
    waiting.delete(own);
    opened.push(openStream(own, key, sha256));
  }
  const left = waiting.size + Math.max(0, streams.length - MOST_STREAMS);
  const foreign = opened.reduce((sum, stream) => sum + stream.broken, left);
  return {
    lines: opened.flatMap(({ lines }) => lines),
    integrity: { ended: opened.every(hasEnded), foreign },
  };
}

type Stream = { readonly lines: readonly string[]; readonly broken: 0 | 1 };

/** Whole lines only: the last one of a process that was killed may be cut off. */
function splitLines(stream: string): readonly string[] {
  return [...linesOf(stream.slice(0, stream.lastIndexOf("\n") + 1))];
}

function isSealed(line: string, key: string, before: string, sha256: Sha256): boolean {
  return SEAL.test(line) && line.slice(0, 64) === sha256(key + before + line.slice(64) + key);
}

function openStream(sealed: readonly string[], key: string, sha256: Sha256): Stream {
  const lines: string[] = [];
  let before = "";
  for (const line of sealed) {
    if (!isSealed(line, key, before, sha256)) return { lines, broken: 1 };
    before = line.slice(0, 64);
    lines.push(line.slice(64));
  }
  return { lines, broken: 0 };
}

function hasEnded({ lines }: Stream): boolean {
  // The first line only says that there is a reporter.
  return lines.length <= 1 || lines.some((line) => line.startsWith('{"end":'));
}

type Sha256 = (text: string) => string;

function createSha256(createHash: () => Hash): Sha256 {
  const encoder = new TextEncoder();
  return (text) => {
    const hash = createHash();
    hash.update(encoder.encode(text));
    return hash.digest("hex");
  };
}
