import { Failure } from "../errors.ts";
import type { Layer, Sandbox, SandboxSpec } from "./sandbox.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** What is left to do once a sandbox's guest listens: unpacks layers and opens the egress. Destroys it when that fails. */
export async function furnish(
  sandbox: Sandbox,
  layers: readonly Layer[],
  { egress }: Pick<SandboxSpec, "egress">,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  try {
    for (const layer of layers) {
      throwIfCancelled(signal);
      await unpackLayer(sandbox, layer, signal === undefined ? {} : { signal });
    }
    await sandbox.setEgress(egress);
    throwIfCancelled(signal);
    return sandbox;
  } catch (error) {
    await sandbox.destroy();
    throwIfCancelled(signal);
    throw error;
  }
}

/** Throws `cancelled/create-cancelled`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new Failure("cancelled", "create-cancelled", "The sandbox was not wanted any more.");
}
