import type { Capabilities } from "../../../../src/sandbox/capabilities.ts";
import type { Stage } from "../../context.ts";
import type { Outside } from "../../outside.ts";
import { sh } from "../../shell.ts";
import { HonestEngine } from "./engine.ts";
import { createHonestProvider, HONEST_CAPABILITIES } from "./provider.ts";

/** A stage on which every law is kept, without a container or a wall. */
export function openHonestStage(
  outside: Outside,
  capabilities: Capabilities = HONEST_CAPABILITIES,
): Stage & AsyncDisposable {
  const engine = new HonestEngine();
  return {
    provider: createHonestProvider(engine, outside, capabilities),
    another: createHonestProvider(engine, outside, capabilities),
    capabilities,
    outside,
    labels: { conformance: "honest" },
    async abandon(spec) {
      const owner = createHonestProvider(engine, outside, capabilities);
      const sandbox = await owner.create(spec);
      await sh(sandbox, "printf kept > /workspace/kept");
      const isUp = Promise.withResolvers<void>();
      const running = sh(sandbox, "echo up; sleep 400.5", { onOutput: () => isUp.resolve() });
      await isUp.promise;
      engine.ownerDied(owner);
      await running;
      return sandbox.id;
    },
    // A tenth of all time, as long as it isn't paused.
    async processorMs(id) {
      return engine.machines.get(id)?.state === "paused" ? 0 : performance.now() / 10;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
