import type { Digest } from "../artifact/artifact.ts";

/** Where an entry stands in a run's journal: all that the engine stores of a step's result. */
export type JournalRef = {
  readonly offset: number;
  readonly length: number;
  readonly digest: Digest;
};

/**
 * One append-only JSONL file a run: the record that resume, replay and audit read. An entry is on disk (fsync) when
 * `append` resolves; a line torn by a crash is skipped by readers and left in place.
 */
export interface Journal {
  append(step: string, result: unknown): Promise<JournalRef>;
  /** The last complete entry of this step, if a crash came between its record here and in the engine. */
  find(step: string): Promise<JournalRef | undefined>;
  /** Throws `bug/journal-corrupt` when the bytes have another digest. */
  read(ref: JournalRef): Promise<unknown>;
  /** Of all that stands in it now; the digest in 64 hexadecimal digits. */
  measure(): Promise<{ readonly bytes: number; readonly sha256: string }>;
}

export interface Journals {
  open(runId: string): Promise<Journal>;
}
