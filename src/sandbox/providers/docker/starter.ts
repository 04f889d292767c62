import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Sandbox, SandboxSpec } from "../../sandbox.ts";
import { prepare } from "../../wire-host/bind.ts";
import { type Connection, newToken } from "../../wire-host/connection.ts";
import { directDialler } from "../../wire-host/dialler.ts";
import { execOverWire } from "../../wire-host/exec.ts";
import { JOB_ENV } from "../../wire-host/job-env.ts";
import { type KeptSandboxes, noSuchSandbox, type Place } from "../kept/kept-sandboxes.ts";
import { type Booted, boot, orRemove } from "./boot.ts";
import { EXPIRY_LABEL } from "./container-options.ts";
import type { DockerProviderOptions } from "./docker-provider.ts";
import type { Image } from "./image.ts";
import type { Images } from "./images.ts";
import { keptPlace } from "./kept-place.ts";
import type { MadeContainers } from "./made-containers.ts";
import type { Pool, PoolKind } from "./pool.ts";
import { reattach } from "./reattach.ts";
import type { RuntimeChoice } from "./runtime.ts";
import { startSandbox } from "./start-sandbox.ts";
import type { Workspaces } from "./workspaces/workspaces.ts";

/**
 * Labels are for good: until then nobody else takes away a container of which only its process knows how long it shall
 * live.
 */
const IDLE_LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** What is known beyond the life of this process. */
export type State = {
  readonly kept: KeptSandboxes;
  made(): Promise<MadeContainers>;
};

type Around = {
  readonly signal?: AbortSignal | undefined;
  readonly workspaces?: Workspaces | undefined;
  readonly pool?: Pool | undefined;
};

export type Starter = {
  /** A container of no sandbox yet. */
  boot(kind: PoolKind, choice: RuntimeChoice, around: Around): Promise<Booted>;
  start(spec: SandboxSpec, choice: RuntimeChoice, around?: Around): Promise<Sandbox>;
  /** Throws `invalid-request/no-such-sandbox` and `invalid-request/in-use`. */
  connect(id: string, around: Around): Promise<Sandbox>;
};

/** What all sandboxes are started or taken over with. */
function createSettings(
  getEngine: () => Promise<Docker>,
  state: State | undefined,
  { log, caBundle, dialler = directDialler, privateOrigins = [] }: DockerProviderOptions,
) {
  return async ({ signal, workspaces }: Around) => {
    const made = await state?.made();
    return {
      docker: await getEngine(),
      log,
      dialler,
      privateOrigins,
      onMade: async (id: string) => made?.add(id),
      onGone: async (id: string) => made?.remove(id),
      ...(caBundle === undefined ? {} : { caBundle }),
      ...(signal === undefined ? {} : { signal }),
      ...(workspaces === undefined ? {} : { workspaces }),
    };
  };
}

/** Starts sandboxes, and takes over those that outlived their process. */
export function createStarter(
  getEngine: () => Promise<Docker>,
  images: Images,
  state: State | undefined,
  options: DockerProviderOptions,
): Starter {
  const settings = createSettings(getEngine, state, options);

  async function start(wanted: SandboxSpec, choice: RuntimeChoice, around: Around = {}) {
    if (wanted.outlivesProcess !== true) return startFresh(wanted, choice, around);
    if (state === undefined || !choice.outlivesStream) throw cannotOutlive();
    const { kept } = state;
    if (wanted.key !== undefined) {
      const there = await takeOver(await kept.claimKey(wanted.key), around).catch(nothingThere);
      if (there !== undefined) return there;
    }
    const place = await kept.claimKey(wanted.key);
    try {
      return await startFresh(wanted, choice, around, place);
    } catch (error) {
      await place.remove();
      throw error;
    }
  }

  async function startFresh(
    wanted: SandboxSpec,
    choice: RuntimeChoice,
    around: Around,
    place?: Place,
  ): Promise<Sandbox> {
    const expiry = { [EXPIRY_LABEL]: `${Date.now() + wanted.maxLifetimeMs}` };
    const spec = { ...wanted, labels: { ...options.labels, ...wanted.labels, ...expiry } };
    const { pool } = around;
    const common = { ...(await settings(around)), ...(pool === undefined ? {} : { pool }) };
    const another = (next: SandboxSpec) => start(next, choice, { ...around, signal: undefined });
    const kept = place === undefined ? {} : keeping(place, newToken(), common);
    return images.use(common.docker, spec.image, (image) =>
      startSandbox(spec, { ...common, ...kept, choice, another, image }),
    );
  }

  const takeOver = async (place: Place, around: Around) =>
    takeOverWith(place, await settings(around), around);

  return {
    start,
    async boot({ image: name, limits }, choice, around) {
      const common = await settings(around);
      const expiry = { [EXPIRY_LABEL]: `${Date.now() + IDLE_LIFETIME_MS}` };
      const labels = { ...options.labels, ...expiry };
      const begin = async (image: Image) => {
        const booted = await boot({ limits, labels }, { ...common, choice, image });
        return orRemove(booted, () => makeReady(booted, choice));
      };
      return images.use(common.docker, name, begin);
    },
    async connect(id, around) {
      const place = await state?.kept.claimId(id);
      const sandbox = place === undefined ? undefined : await takeOver(place, around);
      if (sandbox === undefined) throw noSuchSandbox(id);
      return sandbox;
    },
  };
}

/** Undefined when nothing was made here yet. */
async function takeOverWith(
  place: Place,
  common: Awaited<ReturnType<ReturnType<typeof createSettings>>>,
  { workspaces }: Around,
): Promise<Sandbox | undefined> {
  const record = await place.read();
  if (record === undefined) return undefined;
  const kept = keeping(place, Buffer.from(record.token, "hex"), common);
  const onGone = async (id: string) => {
    await kept.onGone(id);
    await workspaces?.sweep();
  };
  return reattach(record, { ...common, ...kept, onGone });
}

const WARM_UP = { argv: ["/bin/true"], cwd: "/", env: JOB_ENV, timeoutMs: 30_000 };

const WARM_UPS = 3;

/** All that can be done before it is known whose it will be. */
async function makeReady(booted: Booted, { isGvisor }: RuntimeChoice): Promise<Booted> {
  const { connection, workspace, bindInside } = booted;
  await warmUp(connection);
  await workspace?.show({ parts: [], unpacked: [] }, bindInside);
  if (isGvisor && workspace !== undefined) await prepare(connection, "bind");
  if (isGvisor) await prepare(connection, "commands");
  return { ...booted, isShown: true };
}

/** The first commands of a guest take longer than the others. */
async function warmUp(connection: Connection): Promise<void> {
  for (let count = 0; count < WARM_UPS; count++) {
    await execOverWire(connection, WARM_UP, async () => "lost");
  }
}

/** What is dead, or was removed because it doesn't answer any more, makes room for the next one. */
function nothingThere(error: unknown): undefined {
  if (error instanceof Failure && /^(no-such-sandbox|sandbox-not-started)$/.test(error.code)) {
    return undefined;
  }
  throw error;
}

/** Its place goes with the sandbox, and before what finds it for a sweep. */
function keeping(
  place: Place,
  token: Uint8Array,
  { onGone }: { readonly onGone: (id: string) => Promise<void> },
) {
  return {
    kept: keptPlace(place, token),
    async onGone(id: string) {
      await place.remove();
      await onGone(id);
    },
  };
}

function cannotOutlive(): Failure {
  return new Failure(
    "invalid-request",
    "requirement-not-met",
    "A sandbox can outlive its process only where the provider has a folder to remember it in (give it a `stateFolder`), and not with Podman, which ends a container's input together with the stream to it.",
  );
}
