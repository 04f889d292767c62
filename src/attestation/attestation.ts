import type { Digest } from "../artifact/artifact.ts";
import type { Signer } from "./envelope.ts";
import type { PublicKey } from "./keys.ts";
import type { BundleFile } from "./manifest.ts";

/** Where a bundle can be had until when (ISO 8601), and the keys to check it with. */
export type BundleLink = {
  readonly url: string;
  readonly until: string;
  readonly keysUrl: string;
};

/** What a run needs to hand out a signed bundle. */
export type Attestation = {
  readonly signer: Signer;
  /** The signer's. */
  readonly publicKey: PublicKey;
  /** The same files are always the same bytes. */
  pack(files: readonly BundleFile[]): Promise<Uint8Array>;
  /** Undefined where nobody configured the address at which people reach the server. */
  link(runId: string, bundle: Digest): BundleLink | undefined;
};
