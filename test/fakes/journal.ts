import type { Journal, JournalRef } from "../../src/run/journal.ts";

/** A journal in memory; `entries` can be handed to a second one to play a process that takes over. */
export function fakeJournal(entries: { step: string; result: string }[] = []): Journal & {
  readonly entries: { step: string; result: string }[];
} {
  const refOf = (offset: number): JournalRef => ({ offset, length: 1, digest: "sha256:0" });
  return {
    entries,
    async append(step, result) {
      entries.push({ step, result: JSON.stringify(result) });
      return refOf(entries.length - 1);
    },
    async find(step) {
      const index = entries.findLastIndex((entry) => entry.step === step);
      return index < 0 ? undefined : refOf(index);
    },
    async read(ref) {
      return JSON.parse(entries[ref.offset]?.result ?? "null");
    },
    measure: async () => ({ bytes: entries.length, sha256: "0".repeat(64) }),
  };
}
