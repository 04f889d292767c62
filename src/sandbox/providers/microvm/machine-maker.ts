import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { throwIfCancelled } from "../../furnish.ts";
import { type Sandbox, type SandboxSpec, WORKSPACE } from "../../sandbox.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { inTurn, turnFor } from "../../wire-host/machine-turns.ts";
import type { HostFacts } from "./host.ts";
import type { MachinePlan, RunningMachine } from "./machine.ts";
import type { Preparation } from "./preparation.ts";
import type { Board } from "./qemu-arguments.ts";
import { removeMachine } from "./records.ts";
import type { RootDisk } from "./root-disk.ts";
import { deleteSnapshot, findSnapshot, takeSnapshot } from "./snapshots.ts";
import { isolationOf, makePlace, startMicrovm } from "./start-microvm.ts";
import {
  dropTemplate,
  findTemplate,
  makeTemplate,
  type Template,
  templateKey,
} from "./template.ts";
import { sizeOf } from "./workspace-disk.ts";

/** Below the provider's own folder. */
export type Folders = Readonly<
  Record<"parts" | "boot" | "disks" | "templates" | "machines" | "snapshots", string>
>;

export type Accelerator = {
  readonly kind: "kvm" | "tcg";
  readonly kvmGroup: number | undefined;
};

export type MakerOptions = {
  readonly folders: Folders;
  readonly facts: HostFacts;
  readonly log: Log;
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly preparation: Preparation;
};

/** How long a kernel and its guest may take to be ready, template or not. */
const HELLO_TIMEOUT_MS = { kvm: 5_000, tcg: 120_000 } as const;
/** The kernel, its tables and what runs beside the sandbox. */
const KERNEL_MIB = 128;
const TEMPLATE_LIFETIME_MS = 10 * 60_000;

export function foldersBelow(folder: string): Folders {
  const below = (name: string) => join(folder, name);
  return {
    parts: below("parts"),
    boot: below("boot"),
    disks: below("disks"),
    templates: below("templates"),
    machines: below("machines"),
    snapshots: below("snapshots"),
  };
}

export async function makeFolders(folders: Folders): Promise<void> {
  for (const folder of Object.values(folders))
    await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Makes a sandbox on this accelerator: from a template where that works, else by a boot. */
export async function makeSandbox(
  spec: SandboxSpec,
  accelerator: Accelerator,
  options: MakerOptions,
  signal?: AbortSignal,
): Promise<Sandbox> {
  const { folders, facts, log, preparation } = options;
  throwIfCancelled(signal);
  const root = await preparation.rootDisk(spec.image);
  const plan = await planMachine(spec, accelerator, root, options);
  const workspace =
    spec.snapshot === undefined ? plan.blank : findSnapshot(folders.snapshots, spec.snapshot);
  await checkSize(workspace, plan.blank);
  const key = templateKey(plan, facts);
  const start = (template: Template | undefined) =>
    startMicrovm(spec, {
      ...options,
      plan,
      template,
      workspace,
      isolation: isolationOf(accelerator.kind, root.digest),
      machines: folders.machines,
      kvmGroup: accelerator.kvmGroup,
      helloTimeoutMs: HELLO_TIMEOUT_MS[accelerator.kind],
      snapshots: (machine) => snapshotsOf(machine, spec, accelerator, options),
      ...(signal === undefined ? {} : { signal }),
    });
  throwIfCancelled(signal);
  const template = await ensureTemplate(key, plan, accelerator, options);
  try {
    return await start(template);
  } catch (error) {
    if (template === undefined || !isStartFailure(error)) throw error;
    log.warn({ key, error: String(error) }, "a micro-VM's template is of no use and was dropped");
    await dropTemplate(folders.templates, key);
    return start(undefined);
  }
}

function isStartFailure(error: unknown): boolean {
  const codes = ["sandbox-not-started", "machine-order-failed", "qemu-failed"];
  return error instanceof Failure && codes.includes(error.code);
}

async function planMachine(
  { limits }: SandboxSpec,
  { kind }: Accelerator,
  root: RootDisk,
  { preparation, facts }: MakerOptions,
): Promise<MachinePlan> {
  const { kernel, initrd } = await preparation.bootFiles();
  const tmpMiB = Math.ceil(limits.workspaceMiB / 2);
  // Files in memory count as memory: the folders' sizes come on top of what the processes may use.
  const memoryMiB = Math.ceil(limits.memoryMiB) + 2 * tmpMiB;
  const board: Board = {
    accelerator: kind,
    memoryMiB,
    tmpMiB,
    ramMiB: Math.ceil(memoryMiB * 1.03) + KERNEL_MIB,
    cpus: limits.cpus,
    tscKhz: facts.tscKhz,
  };
  const blank = await preparation.blankDisk(limits.workspaceMiB);
  return { board, kernel, initrd, root: root.path, blank };
}

/** A template was made with a disk of this size, and the machine that goes on from it believes in that. */
async function checkSize(workspace: string, blank: string): Promise<void> {
  const [is, wanted] = await Promise.all([sizeOf(workspace), sizeOf(blank)]);
  if (is === wanted) return;
  throw new Failure(
    "invalid-request",
    "snapshot-of-other-size",
    "The snapshot is of a workspace of another size; ask for the same `workspaceMiB` that it was taken with.",
  );
}

/** Two at once, also in two processes, make one. Undefined when it can't be made: each sandbox then boots. */
async function ensureTemplate(
  key: string,
  plan: MachinePlan,
  { kind, kvmGroup }: Accelerator,
  { folders, log }: MakerOptions,
): Promise<Template | undefined> {
  const { templates, machines } = folders;
  const present = await findTemplate(templates, key);
  if (present !== undefined) return present;
  return inTurn(turnFor(join(templates, key)), async () => {
    const meanwhile = await findTemplate(templates, key);
    if (meanwhile !== undefined) return meanwhile;
    const about = { labels: { purpose: "template" }, maxLifetimeMs: TEMPLATE_LIFETIME_MS };
    const place = await makePlace(machines, about, kvmGroup);
    try {
      await makeTemplate(templates, key, plan, place, HELLO_TIMEOUT_MS[kind]);
    } catch (error) {
      log.warn({ key, error: String(error) }, "a micro-VM's template could not be made");
    } finally {
      await removeMachine(machines, place.record.id);
    }
    return findTemplate(templates, key);
  });
}

function snapshotsOf(
  machine: RunningMachine,
  spec: SandboxSpec,
  accelerator: Accelerator,
  options: MakerOptions,
) {
  const { snapshots } = options.folders;
  return {
    take: () => takeSnapshot(snapshots, machine),
    async fork() {
      const snapshot = await takeSnapshot(snapshots, machine);
      try {
        const { key: _, layers, ...same } = spec;
        const outside = layers.filter(({ into }) => !`${into}/`.startsWith(`${WORKSPACE}/`));
        return await makeSandbox({ ...same, layers: outside, snapshot }, accelerator, options);
      } finally {
        await deleteSnapshot(snapshots, snapshot);
      }
    },
  };
}
