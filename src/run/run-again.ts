import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { prove } from "../evidence/matrix.ts";
import { runBaseline } from "../evidence/runs/baseline.ts";
import type { Patch } from "../workspace/patch.ts";
import { matrixOptions, matrixPorts } from "./check-change.ts";
import { readBase } from "./clone.ts";
import { onceMoreIfLost } from "./lost-sandbox.ts";
import type { Workshop } from "./open-run.ts";
import { readRepositorySettings, SETTINGS_FILE } from "./repository-settings.ts";
import { makeReady } from "./set-up.ts";

const MAX_SETTINGS_BYTES = 1 << 20;

/** What running all of it again came to. */
export type Again = { readonly evidence: Evidence; readonly basis: Basis };

/**
 * The whole matrix once more, for a change of which only the base commit, in the mirror, and the patch are believed:
 * commands, image and tests are found anew. Throws as a run does that can't begin.
 */
export async function runAgain(
  shop: Workshop,
  { recorded, patch }: { readonly recorded: Evidence; readonly patch: Patch },
  { images, signal }: { readonly images: readonly string[]; readonly signal: AbortSignal },
): Promise<Again> {
  const file = await shop.mirror.readFile(patch.baseSha, SETTINGS_FILE, MAX_SETTINGS_BYTES);
  const settings = readRepositorySettings(file && new TextDecoder().decode(file), images);
  const base = await readBase(shop, { settings }, patch.baseSha);
  shop.note("installing dependencies");
  const ready = await onceMoreIfLost(shop.note, () => makeReady(shop, { settings }, base, signal));
  const [ports, options] = [matrixPorts(shop, ready), matrixOptions(shop, ready, signal)];
  const baseline = await runBaseline(ports, options);
  let basis: Basis | undefined;
  const onBasis = (found: Basis) => {
    basis = found;
  };
  // What a run knows of itself plays no part in the verdict.
  const all = { ...options, baseline, patch, facts: recorded, onBasis, isLast: true };
  const evidence = await prove(ports, all);
  if (basis === undefined) throw new Error("A change was judged on nothing.");
  return { evidence, basis };
}
