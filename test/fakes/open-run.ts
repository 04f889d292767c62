import { createHash } from "node:crypto";
import type { ModelAnswer, ModelRequest } from "../../src/agent/model.ts";
import type { Steps } from "../../src/engine/engine.ts";
import { type OpenRun, openRun, type RunPorts, type RunProgress } from "../../src/run/open-run.ts";
import type { RunRequest } from "../../src/run/run.ts";
import type { Ready } from "../../src/run/set-up.ts";
import { fakeArtifacts } from "./artifacts.ts";
import { fakeAttestation } from "./attestation.ts";
import { fakeBaselines } from "./baselines.ts";
import { FakeCodeHost } from "./code-host.ts";
import { evidenceOf } from "./evidence.ts";
import { fakeInstalls } from "./installs.ts";
import { fakeJournal } from "./journal.ts";
import { fakeLog } from "./log.ts";
import { BASE_SHA, fakeMirror } from "./mirror.ts";
import { fakeRunStore } from "./run-store.ts";
import { fakeSandboxes } from "./sandboxes.ts";

export const runRequest: RunRequest = {
  id: "run-7f3a",
  repository: { id: 7, owner: "octo", name: "fix-me", installationId: 9 },
  issueNumber: 5,
  issueUrl: "https://code.test/octo/fix-me/issues/5",
  title: "It breaks",
  body: "Call it twice.",
  requestedBy: "ada",
  comments: [],
  omittedComments: 0,
};

/** What is ready after the set-up of a repository without dependencies. */
export const readyRun: Ready = {
  sha: BASE_SHA,
  project: { packageManager: "npm", test: { command: "npm test", runner: "tap" }, findings: [] },
  instructions: [],
  image: "node",
  nodeVersion: "v24.21.0",
  isolation: evidenceOf().isolation,
  refusals: [],
};

const answer: ModelAnswer = {
  text: "done",
  calls: [],
  stop: "end",
  usage: { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 100, estimated: false },
};

/** A model that gives one answer for ever and keeps what it was asked. */
function fakeModel() {
  const requests: ModelRequest[] = [];
  return {
    requests,
    name: "some-model",
    host: "models.test",
    /** Attempts that one answer takes. */
    attempts: 1,
    answer,
    estimateInputTokens: () => 10_000,
    async complete(
      request: ModelRequest,
      { onAttempt }: { readonly onAttempt?: () => Promise<void> },
    ) {
      for (let attempt = 0; attempt < this.attempts; attempt++) {
        await onAttempt?.();
        requests.push(request);
      }
      return this.answer;
    },
  };
}

/** Steps that are not remembered: each runs its body. */
const steps: Steps = { id: "w", step: (_name, body) => body(new AbortController().signal) };

/** A run on fakes alone, and the fakes. `more` replaces single ports. */
export async function openTestRun(more: Partial<RunPorts> = {}, request = runRequest) {
  const host = new FakeCodeHost();
  host.permissions.set("ada", "write");
  host.addIssue({ number: request.issueNumber });
  const store = fakeRunStore();
  await store.create(request, { maxOpenPerRepository: 10 });
  const fakes = {
    host,
    store,
    journal: fakeJournal(),
    artifacts: fakeArtifacts(),
    installs: fakeInstalls(),
    baselines: fakeBaselines(),
    sandboxes: fakeSandboxes(),
    mirror: fakeMirror(),
    model: fakeModel(),
    log: fakeLog(),
    stop: new AbortController(),
    progress: [] as RunProgress[],
    pauses: [] as number[],
  };
  let ids = 0;
  const ports: RunPorts = {
    hosts: host.hosts,
    store,
    journals: { open: async () => fakes.journal },
    artifacts: fakes.artifacts,
    attestation: fakeAttestation(),
    installs: fakes.installs,
    baselines: fakes.baselines,
    sandboxes: fakes.sandboxes,
    mirrors: { open: async () => fakes.mirror },
    model: fakes.model,
    price: { inputUsd: 10, cachedInputUsd: 1, outputUsd: 50 },
    images: ["node", "python"],
    limits: {
      runUsd: 3,
      runTokens: 100_000,
      repositoryDayUsd: 20,
      totalDayUsd: 50,
      turns: 80,
      durationMs: 60_000,
      contextTokens: 128_000,
      sandboxesAtOnce: 1,
      sandbox: { cpus: 1, memoryMiB: 512, pids: 100, workspaceMiB: 100 },
    },
    registries: {
      origins: ["packages.test:443"],
      registries: [{ name: "npm", kind: "npm", url: "https://packages.test/" }],
    },
    watch: () => ({ signal: fakes.stop.signal, [Symbol.dispose]: () => {} }),
    secrets: () => ["Zk3-canary_9fQ7+mN2/xY8pL0"],
    sha256: (content) => `sha256:${createHash("sha256").update(content).digest("hex")}`,
    createHash: () => createHash("sha256"),
    now: () => Date.UTC(2026, 10, 23, 6),
    pause: async (ms) => void fakes.pauses.push(ms),
    isoTime: (ms) => new Date(ms).toISOString(),
    newId: () => `id-${++ids}`,
    onProgress: (event) => fakes.progress.push(event),
    log: fakes.log,
    ...more,
  };
  const run: OpenRun = await openRun(ports, steps, request);
  return { run, ...fakes };
}
