import { type Basis, measuredText } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { type ProveOptions, prove } from "../evidence/matrix.ts";
import type { MatrixPorts } from "../evidence/runs/fresh-sandbox.ts";
import type { RunPorts } from "./open-run.ts";

/** Proves, and keeps all that the verdict follows from as the artifact that the evidence names. */
export async function proveKept(
  { artifacts }: Pick<RunPorts, "artifacts">,
  ports: MatrixPorts,
  options: ProveOptions,
): Promise<Evidence> {
  let basis: Basis | undefined;
  const onBasis = (found: Basis) => {
    basis = found;
  };
  const evidence = await prove(ports, { ...options, onBasis });
  if (basis === undefined) throw new Error("A change was judged on nothing.");
  const text = measuredText(basis, evidence);
  const { digest } = await artifacts.put(new TextEncoder().encode(text));
  return { ...evidence, measuredSha256: digest.slice("sha256:".length) };
}
