import type { SandboxInfo, SandboxProvider } from "./sandbox.ts";

/**
 * Destroys the sandboxes with these labels that nobody uses any more. A sandbox ends by itself when its Dunlin dies,
 * but the provider keeps what is left of it. Throws `unavailable` when one may still be there. Returns how many went.
 */
export async function destroyLeftBehind(
  provider: Pick<SandboxProvider, "list" | "destroy">,
  labels: Readonly<Record<string, string>>,
  isLeftBehind: (sandbox: SandboxInfo) => boolean,
): Promise<number> {
  const left = (await provider.list(labels)).filter(isLeftBehind);
  for (const { id } of left) await provider.destroy(id);
  return left.length;
}
