import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { Journal, JournalRef, Journals } from "../journal.ts";

type Line = { readonly step: string; readonly result?: unknown };

/** One file `RUN.jsonl` a run in `folder`, readable by its owner only. A process appends to a run's file alone. */
export function createJournalFiles(folder: string): Journals {
  return {
    async open(runId) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${runId.replaceAll(/[^\w.-]/g, "_")}.jsonl`);
      return openJournal(file);
    },
  };
}

async function openJournal(file: string): Promise<Journal> {
  const known = await index(file);
  let queue = Promise.resolve();
  return {
    append(step, result) {
      const line = Buffer.from(`${JSON.stringify({ step, result })}\n`);
      const written = queue.then(() => append(file, line));
      queue = written.then(
        () => {},
        () => {},
      );
      return written.then((ref) => {
        known.set(step, ref);
        return ref;
      });
    },
    find: async (step) => known.get(step),
    read: (ref) => read(file, ref),
    async measure() {
      await queue;
      const content = await readFile(file).catch(absent);
      return { bytes: content.length, sha256: digestOf(content).slice("sha256:".length) };
    },
  };
}

/** Places of all complete entries; the last one of a step counts. A line without its end was torn by a crash. */
async function index(file: string): Promise<Map<string, JournalRef>> {
  const places = new Map<string, JournalRef>();
  const content = await readFile(file).catch(absent);
  let offset = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, offset)) {
    const line = content.subarray(offset, end + 1);
    const step = stepOf(line.toString("utf8"));
    if (step !== undefined) {
      places.set(step, { offset, length: line.length, digest: digestOf(line) });
    }
    offset = end + 1;
  }
  return places;
}

function absent(error: unknown): Buffer {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
  throw error;
}

function stepOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as Line).step;
  } catch {
    return undefined;
  }
}

async function append(file: string, line: Buffer): Promise<JournalRef> {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const start = await endTornLine(handle, size);
    await handle.appendFile(line);
    await handle.sync();
    return { offset: start, length: line.length, digest: digestOf(line) };
  } finally {
    await handle.close();
  }
}

async function endTornLine(handle: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  if (last.toString() === "\n") return size;
  await handle.appendFile("\n");
  return size + 1;
}

async function read(file: string, ref: JournalRef): Promise<unknown> {
  const handle = await open(file, "r");
  try {
    const bytes = Buffer.alloc(ref.length);
    await handle.read(bytes, 0, ref.length, ref.offset);
    if (digestOf(bytes) !== ref.digest) {
      throw new Failure(
        "bug",
        "journal-corrupt",
        `The journal ${file} was changed after it was written; the run can't go on.`,
      );
    }
    return (JSON.parse(bytes.toString("utf8")) as Line).result;
  } finally {
    await handle.close();
  }
}

function digestOf(bytes: Uint8Array): JournalRef["digest"] {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
