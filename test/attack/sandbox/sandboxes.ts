import { randomUUID } from "node:crypto";
import type { EgressPolicy } from "../../../src/sandbox/egress.ts";
import type { Sandbox, SandboxProvider } from "../../../src/sandbox/sandbox.ts";
import { ORIGINS } from "./hosts.ts";
import { LIMITS } from "./made-up.ts";
import { leftOf } from "./residue.ts";

/** A sandbox and the word by which its processes are known. */
export type Attacked = { readonly sandbox: Sandbox; readonly token: string };

export type Kind = { readonly online: boolean; readonly maxLifetimeMs?: number };

const LIFETIME_MS = 30 * 60_000;
const ONLINE: EgressPolicy = { mode: "allow", origins: ORIGINS, maxBytes: 32 * 1024 * 1024 };

/** Sandboxes for attacks: fresh ones, and two that several attacks use one after another. */
export class AttackedSandboxes {
  readonly #shared = new Map<boolean, Attacked>();
  readonly #all = new Set<Attacked>();

  readonly provider: SandboxProvider;

  constructor(provider: SandboxProvider) {
    this.provider = provider;
  }

  async fresh({ online, maxLifetimeMs = LIFETIME_MS }: Kind): Promise<Attacked> {
    const sandbox = await this.provider.create({
      image: "node",
      limits: LIMITS,
      maxLifetimeMs,
      egress: online ? ONLINE : { mode: "none" },
      layers: [],
      labels: { purpose: "attack" },
    });
    const attacked = { sandbox, token: randomUUID() };
    this.#all.add(attacked);
    return attacked;
  }

  async shared(online: boolean): Promise<Attacked> {
    const known = this.#shared.get(online);
    if (known !== undefined && !known.sandbox.lost.aborted) return known;
    const made = await this.fresh({ online });
    this.#shared.set(online, made);
    return made;
  }

  /** Destroys it; what is left of it afterwards, a line each. */
  async end(attacked: Attacked): Promise<readonly string[]> {
    if (!this.#all.delete(attacked)) return [];
    for (const [online, one] of this.#shared) if (one === attacked) this.#shared.delete(online);
    await attacked.sandbox.destroy();
    return leftOf(this.provider, { id: attacked.sandbox.id, token: attacked.token });
  }

  isShared(attacked: Attacked): boolean {
    return [...this.#shared.values()].includes(attacked);
  }

  async endAll(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const attacked of [...this.#all]) left.push(...(await this.end(attacked)));
    return left;
  }
}
