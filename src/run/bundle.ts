import { type Digest, readAll } from "../artifact/artifact.ts";
import type { Attestation } from "../attestation/attestation.ts";
import { makeBundle } from "../attestation/bundle.ts";
import { describeBundle } from "../attestation/describe.ts";
import type { BaseConfiguration } from "../attestation/statement.ts";
import { Failure, toFailure } from "../errors.ts";
import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { Log } from "../log.ts";
import { roleOf } from "../workspace/file-role.ts";
import type { Mirror } from "../workspace/mirror.ts";
import { evidenceFile } from "./evidence-file.ts";
import type { RunPorts } from "./open-run.ts";
import { SETTINGS_FILE } from "./repository-settings.ts";

/** A stored bundle; null when none could be made, which is no reason to lose a run. */
export type StoredBundle = { readonly digest: Digest; readonly bytes: number } | null;

export type BundlePorts = Pick<
  RunPorts,
  "artifacts" | "journals" | "sha256" | "registries" | "limits" | "isoTime" | "now"
> & { readonly attestation: Attestation };

/**
 * Makes the signed archive of a run's evidence, as that stands now, from what the store, the mirror and the journal
 * hold. Evidence that changed later, by a person's word, gets another one the same way.
 */
export async function storeBundle(
  ports: BundlePorts,
  mirror: Mirror,
  evidence: Evidence,
  log: Log,
): Promise<StoredBundle> {
  try {
    return await ports.artifacts.put(await archiveOf(ports, mirror, evidence));
  } catch (error) {
    const { code, message } = toFailure(error);
    log.error({ code, reason: message }, "no bundle was made");
    return null;
  }
}

/** What people read about the bundle of a run. Its link is good for a while from now on. */
export function bundleText(
  { attestation }: Pick<BundlePorts, "attestation">,
  { runId }: Evidence,
  bundle: StoredBundle,
): string {
  if (bundle === null) return "";
  return describeBundle(attestation, bundle.digest, attestation.link(runId, bundle.digest));
}

async function archiveOf(
  ports: BundlePorts,
  mirror: Mirror,
  evidence: Evidence,
): Promise<Uint8Array> {
  const { artifacts, attestation, journals, registries, limits } = ports;
  const content = {
    evidence,
    evidenceFile: evidenceFile(evidence),
    basis: await loadBasis(ports, evidence),
    patch: await mirror.diff(evidence.baseSha, evidence.headSha),
    logs: await loadLogs(artifacts, evidence),
    journal: await (await journals.open(evidence.runId)).measure(),
    policy: {
      evidenceNetwork: "none" as const,
      // Names and kinds only: the addresses are the operator's own affair.
      setUpRegistries: registries.registries.map(({ name, kind }) => ({ name, kind })),
      limits,
      baseConfiguration: await configurationOf(mirror, evidence.baseSha),
    },
    madeAt: ports.isoTime(ports.now()),
  };
  const sha256 = (bytes: Uint8Array) => ports.sha256(bytes).slice("sha256:".length);
  return attestation.pack(makeBundle(content, { signer: attestation.signer, sha256 }));
}

/** Throws `invalid-request/evidence-without-basis`. */
export async function loadBasis(
  { artifacts }: Pick<BundlePorts, "artifacts">,
  evidence: Evidence,
): Promise<Basis> {
  if (evidence.measuredSha256 === null) {
    const message = "This evidence is older than bundles are. Run it again to get one.";
    throw new Failure("invalid-request", "evidence-without-basis", message);
  }
  const text = await readAll(artifacts.get(`sha256:${evidence.measuredSha256}`));
  const { runs, touched } = JSON.parse(new TextDecoder().decode(text)) as Basis;
  return { runs, touched };
}

async function loadLogs(
  artifacts: BundlePorts["artifacts"],
  { commands }: Evidence,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const logs = new Map<string, Uint8Array>();
  for (const { logSha256 } of commands) {
    const digest: Digest = `sha256:${logSha256}`;
    if (await artifacts.has(digest)) logs.set(logSha256, await readAll(artifacts.get(digest)));
  }
  return logs;
}

/** Files at the top of the base that say what is installed and how it is tested. */
async function configurationOf(
  mirror: Mirror,
  baseSha: string,
): Promise<readonly BaseConfiguration[]> {
  const tree = await mirror.list(baseSha);
  return tree
    .filter(({ path }) => path === SETTINGS_FILE || (!path.includes("/") && isConfiguration(path)))
    .map(({ path, blob }) => ({ path, gitBlob: blob }));
}

function isConfiguration(path: string): boolean {
  return ["manifest", "lock", "config"].includes(roleOf(path));
}
