import type { Break } from "./break.ts";
import { attestationBreaks } from "./breaks/attestation.ts";
import { badInputBreaks } from "./breaks/bad-input.ts";
import { closerLookBreaks } from "./breaks/closer-look.ts";
import { durabilityBreaks } from "./breaks/durability.ts";
import { evidenceBreaks } from "./breaks/evidence.ts";
import { evidenceRunsBreaks } from "./breaks/evidence-runs.ts";
import { forgedResultsBreaks } from "./breaks/forged-results.ts";
import { hostileModelBreaks } from "./breaks/hostile-model.ts";
import { overrideBreaks } from "./breaks/overrides.ts";
import { peopleBreaks } from "./breaks/people.ts";
import { providerBreaks } from "./breaks/providers.ts";
import { registryBreaks } from "./breaks/registries.ts";
import { restBreaks } from "./breaks/rest-and-return.ts";
import { sandboxBreaks } from "./breaks/sandbox.ts";
import { sandboxByHandBreaks } from "./breaks/sandbox-by-hand.ts";
import { sandboxLifeBreaks } from "./breaks/sandbox-lives.ts";
import { sandboxSpecBreaks } from "./breaks/sandbox-spec.ts";
import { savedBaselineBreaks } from "./breaks/saved-baselines.ts";
import { savedInstallBreaks } from "./breaks/saved-installs.ts";
import { secretBreaks } from "./breaks/secrets.ts";
import { spendingBreaks } from "./breaks/spending.ts";
import { webhookAndModelBreaks } from "./breaks/webhook-and-model.ts";
import { workspaceBreaks } from "./breaks/workspaces.ts";

export const BREAKS: readonly Break[] = [
  ...closerLookBreaks,
  ...evidenceBreaks,
  ...attestationBreaks,
  ...evidenceRunsBreaks,
  ...forgedResultsBreaks,
  ...secretBreaks,
  ...hostileModelBreaks,
  ...sandboxBreaks,
  ...sandboxLifeBreaks,
  ...sandboxByHandBreaks,
  ...sandboxSpecBreaks,
  ...restBreaks,
  ...savedInstallBreaks,
  ...savedBaselineBreaks,
  ...providerBreaks,
  ...workspaceBreaks,
  ...registryBreaks,
  ...durabilityBreaks,
  ...peopleBreaks,
  ...overrideBreaks,
  ...spendingBreaks,
  ...webhookAndModelBreaks,
  ...badInputBreaks,
];
