import { createHash } from "node:crypto";
import type { Layer, Sandbox } from "../../src/sandbox/sandbox.ts";
import { unpackLayer } from "../../src/sandbox/unpack-layer.ts";
import { checkoutLayer } from "../../src/workspace/checkout.ts";
import type { Mirror } from "../../src/workspace/mirror.ts";

export function checkoutOf(mirror: Mirror, sha: string): Layer {
  const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  return checkoutLayer(mirror, sha, { sha256, scope: "test" });
}

/** Puts a commit into a sandbox that is there already. */
export function checkOut(sandbox: Sandbox, mirror: Mirror, sha: string): Promise<void> {
  return unpackLayer(sandbox, checkoutOf(mirror, sha));
}
