import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { chooseDataFolder } from "../../src/data-folder.ts";
import { createLog } from "../../src/log.ts";
import { TRIAL_LIMITS } from "../../src/sandbox/providers/docker/trial.ts";
import { lookAtHost } from "../../src/sandbox/providers/microvm/host.ts";
import { createMicrovmProvider } from "../../src/sandbox/providers/microvm/microvm-provider.ts";
import type { SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { type Finding, time } from "../finding.ts";
import { openFolder } from "../folder.ts";
import { inTurns } from "../rounds.ts";
import { benchSpec } from "../sandboxes.ts";
import { succeed, TRUE } from "./place.ts";

/** Of sandboxes that go on from a template to one that boots and makes it. */
const RESUMPTIONS = 6;

/** Micro-VMs from a template and without one; a sentence where none can be made. */
export async function measureMicrovm(rounds: number): Promise<readonly Finding[] | string> {
  const prepared = join(
    chooseDataFolder(process.env["DUNLIN_DATA_DIR"], { uid: process.getuid?.(), home: homedir() }),
    "microvm",
  );
  const facts = await lookAtHost();
  if (!("qemuVersion" in facts)) return facts.join(" ");
  if (!existsSync(join(prepared, "parts/boot"))) return "Nothing is prepared for micro-VMs.";
  await using folder = await openFolder(join(prepared, "..", "bench-"));
  for (const name of ["parts", "boot", "disks"]) {
    await symlink(join(prepared, name), join(folder.path, name));
  }
  return await measureBelow(folder.path, rounds);
}

async function measureBelow(folder: string, rounds: number): Promise<readonly Finding[]> {
  const log = createLog("error");
  const provider = createMicrovmProvider({ folder, log, emulationAllowed: true });
  const { ok, runtime, findings } = await provider.probe();
  if (!ok) throw new Error(`No micro-VM can be measured. ${findings.join(" ")}`);
  const templates = join(folder, "templates");
  const sides = {
    cold: async () => {
      await rm(templates, { recursive: true });
      await mkdir(templates, { mode: 0o700 });
      return toFirstCommand(provider);
    },
    template: () => toFirstCommand(provider),
  };
  const measured = await inTurns(sides, rounds, { template: RESUMPTIONS });
  const reason = "An emulated processor is many times slower than a real one.";
  const about = { runtime, reason };
  const warm = "a micro-VM from a template to its first command";
  const cold = "a micro-VM without a template, which is made on the way, to its first command";
  return [
    time({ ...about, id: "microvm", what: warm }, measured, "template"),
    time({ ...about, id: "microvm-cold", what: cold }, measured, "cold"),
  ];
}

async function toFirstCommand(provider: SandboxProvider): Promise<number> {
  const startedAt = performance.now();
  await using sandbox = await provider.create({ ...benchSpec(), limits: TRIAL_LIMITS });
  await succeed(sandbox, TRUE);
  return performance.now() - startedAt;
}
