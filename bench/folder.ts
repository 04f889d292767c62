import { mkdtemp, rm } from "node:fs/promises";

/** A fresh folder that is gone at the end of its scope. */
export async function openFolder(
  prefix: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(prefix);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
