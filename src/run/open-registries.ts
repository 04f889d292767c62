import { type Installed, install } from "../check/install.ts";
import type { Project } from "../check/project.ts";
import { registryEnv, registryFiles } from "../sandbox/egress-clients.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { RunPorts } from "./open-run.ts";

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const MAX_DOWNLOAD_BYTES = 2 * 1024 ** 3;
const HOME = "/home/job";

/**
 * Installs a project's dependencies in a sandbox that reaches the registries meanwhile and nothing afterwards, whatever
 * happens. Its commands run one at a time, so no process that was there before can use the open phase. Throws as
 * `install` does.
 */
export async function installOnline(
  { registries: { origins, registries } }: Pick<RunPorts, "registries">,
  sandbox: Sandbox,
  project: Project,
  signal: AbortSignal,
): Promise<Installed> {
  const files = registryFiles(registries).map(({ path, text }) => ({
    path: `${HOME}/${path}`,
    data: new TextEncoder().encode(text),
  }));
  if (files.length > 0) await sandbox.writeFiles(files);
  try {
    await sandbox.setEgress({ mode: "allow", origins, registries, maxBytes: MAX_DOWNLOAD_BYTES });
    return await install(sandbox, project, {
      env: registryEnv(registries),
      registries,
      timeoutMs: INSTALL_TIMEOUT_MS,
      signal,
    });
  } finally {
    await sandbox.setEgress({ mode: "none" });
  }
}
