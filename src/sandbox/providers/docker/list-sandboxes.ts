import type Docker from "dockerode";
import type { SandboxInfo } from "../../sandbox.ts";
import type { KeptSandboxes } from "../kept/kept-sandboxes.ts";
import type { KnownSandboxes } from "../known-sandboxes.ts";
import { EXPIRY_LABEL, OWNER_LABEL } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";

/**
 * Containers with these labels that some Dunlin has made, all of theirs included that wait for a claim. The engine's
 * labels can't be changed: what became of a container since it was made, only its owner, or its record, knows.
 */
export async function listSandboxes(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
  known: KnownSandboxes,
  kept: KeptSandboxes | undefined,
): Promise<readonly SandboxInfo[]> {
  const filters = { label: [`${OWNER_LABEL}=1`] };
  const all = docker.listContainers({ all: true, filters });
  const infos = (await withinMs(ENGINE_TIMEOUT_MS, all)).map(toInfo);
  const records = (await kept?.records()) ?? [];
  const recorded = new Map(records.map(({ id, expiresAtMs }) => [id, expiresAtMs]));
  const complete = infos.map(async (info): Promise<SandboxInfo> => {
    const own = await known.byId(info.id)?.info();
    const expiresAtMs = own?.expiresAtMs ?? recorded.get(info.id) ?? info.expiresAtMs;
    const createdAtMs = own?.createdAtMs ?? info.createdAtMs;
    return { ...info, labels: { ...info.labels, ...own?.labels }, createdAtMs, expiresAtMs };
  });
  const wanted = Object.entries(labels);
  return (await Promise.all(complete)).filter((info) =>
    wanted.every(([name, value]) => info.labels[name] === value),
  );
}

function toInfo({ Id, Labels, Created, State }: Docker.ContainerInfo): SandboxInfo {
  const state = State === "running" || State === "paused" ? State : "ended";
  const expiresAtMs = Number(Labels[EXPIRY_LABEL] ?? Number.POSITIVE_INFINITY);
  return { id: Id, labels: Labels, state, createdAtMs: Created * 1000, expiresAtMs };
}
