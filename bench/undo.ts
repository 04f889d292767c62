import { mkdtemp, rm } from "node:fs/promises";

const pending = new Set<() => Promise<void>>();

/** Undoes something at the end of its scope, or when the benchmark is stopped before. */
export function undoLater(undo: () => Promise<void>): AsyncDisposable {
  pending.add(undo);
  return {
    async [Symbol.asyncDispose]() {
      if (pending.delete(undo)) await undo();
    },
  };
}

/** Undoes all that is left, the last first, whatever fails; then the process ends. */
export async function undoAllAndExit(exitCode: number): Promise<never> {
  for (const undo of [...pending].toReversed()) {
    pending.delete(undo);
    await undo().catch((error: unknown) => process.stderr.write(`bench: ${String(error)}\n`));
  }
  process.exit(exitCode);
}

/** A fresh folder that is gone at the end. */
export async function openFolder(prefix: string): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(prefix);
  return { path, ...undoLater(() => rm(path, { recursive: true, force: true })) };
}
