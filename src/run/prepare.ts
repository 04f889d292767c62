import { Failure } from "../errors.ts";
import type { OpenRun } from "./open-run.ts";
import {
  type RepositorySettings,
  readRepositorySettings,
  SETTINGS_FILE,
} from "./repository-settings.ts";
import { tellStatus } from "./status.ts";

/** What is known before the repository is fetched. */
export type Plan = { readonly baseBranch: string; readonly settings: RepositorySettings };

/** The one status comment; every later message edits it. */
export async function acknowledge(run: OpenRun): Promise<void> {
  await run.hostStep("acknowledge", "acknowledge", () => tellStatus(run, "Reading the repository"));
}

/** Everything that can be refused without fetching or running anything. */
export async function prepare(run: OpenRun): Promise<Plan> {
  return run.hostStep("prepare", "prepare", async () => {
    const info = await run.host.info();
    if (info.archived) {
      throw refuse(
        "archived",
        "The repository is archived, so nothing can be pushed to it. Unarchive it in its settings.",
      );
    }
    if (info.empty) {
      throw refuse(
        "empty",
        "The repository has no commit yet, so there is nothing to work on. Push a first one.",
      );
    }
    const settings = readRepositorySettings(
      await run.host.readFile(SETTINGS_FILE),
      run.ports.images,
    );
    const probe = await run.ports.sandboxes.probe();
    if (!probe.ok) {
      throw new Failure(
        "unavailable",
        "no-sandbox",
        `No sandbox can be made on this machine:\n${probe.findings.map((line) => `- ${line}`).join("\n")}`,
      );
    }
    return { baseBranch: info.defaultBranch, settings };
  });
}

function refuse(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}
