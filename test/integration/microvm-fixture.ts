import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { chooseDataFolder } from "../../src/data-folder.ts";
import { createLog } from "../../src/log.ts";
import { TRIAL_LIMITS } from "../../src/sandbox/providers/docker/trial.ts";
import { lookAtHost } from "../../src/sandbox/providers/microvm/host.ts";
import {
  createMicrovmProvider,
  type MicrovmProviderOptions,
} from "../../src/sandbox/providers/microvm/microvm-provider.ts";
import type { SandboxSpec } from "../../src/sandbox/sandbox.ts";

const data = chooseDataFolder(process.env["DUNLIN_DATA_DIR"], {
  uid: process.getuid?.(),
  home: homedir(),
});

/** The folder that the set-up prepared: disks are made there once, not once a test. */
export const FOLDER = join(data, "microvm");

/** Why no micro-VM can be tested here; undefined when one can. */
export const MISSING = await (async () => {
  const facts = await lookAtHost();
  if (!("qemuVersion" in facts)) return facts.join(" ");
  if (existsSync(join(FOLDER, "parts/boot"))) return undefined;
  return "no kernel for micro-VMs: run `npm run setup -- microvm`";
})();

export function microvms(options: Partial<MicrovmProviderOptions> = {}) {
  const log = createLog("error");
  return createMicrovmProvider({ folder: FOLDER, log, emulationAllowed: true, ...options });
}

export const MICROVM_SPEC: SandboxSpec = {
  image: "node",
  // As in the provider's own trial, whose template is there already.
  limits: TRIAL_LIMITS,
  maxLifetimeMs: 10 * 60_000,
  egress: { mode: "none" },
  layers: [],
  labels: { purpose: "test" },
};
