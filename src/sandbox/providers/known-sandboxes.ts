import type { Sandbox } from "../sandbox.ts";

/** The sandboxes that this process has, for those who ask for one of them again. */
export type KnownSandboxes = {
  byId(id: string): Sandbox | undefined;
  remember(sandbox: Sandbox): Sandbox;
  /** The living sandbox of this name, else what `make` gives; all who ask meanwhile share it. */
  shared(name: string, make: () => Promise<Sandbox>): Promise<Sandbox>;
};

export function knownSandboxes(): KnownSandboxes {
  const living = new Map<string, Sandbox>();
  const named = new Map<string, Promise<Sandbox>>();

  async function shared(name: string, make: () => Promise<Sandbox>): Promise<Sandbox> {
    const known = named.get(name);
    if (known !== undefined) {
      // Whose making failed for somebody else is made anew: he may have wanted it no longer.
      const sandbox = await known.catch(() => undefined);
      if (sandbox !== undefined && !sandbox.lost.aborted) return sandbox;
      if (named.get(name) === known) named.delete(name);
      return shared(name, make);
    }
    const making = make();
    named.set(name, making);
    const forget = () => {
      if (named.get(name) === making) named.delete(name);
    };
    making.then(({ lost }) => lost.addEventListener("abort", forget), forget);
    return making;
  }

  return {
    byId: (id) => living.get(id),
    remember(sandbox) {
      living.set(sandbox.id, sandbox);
      sandbox.lost.addEventListener("abort", () => living.delete(sandbox.id));
      return sandbox;
    },
    shared,
  };
}
