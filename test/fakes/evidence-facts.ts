import type { EvidenceFacts } from "../../src/evidence/evidence.ts";

/** What a caller knows of a run on a real bug. */
export const facts: EvidenceFacts = {
  runId: "run-7f3a",
  repository: "acme/minimist",
  issueNumber: 12,
  baseSha: "1111111111111111111111111111111111111111",
  headSha: "2222222222222222222222222222222222222222",
  patchSha256: "c".repeat(64),
  nodeVersion: "24.21.0",
  packageManager: "npm",
  model: {
    host: "models.example",
    name: "some-model",
    turns: 9,
    tokens: { input: 41_200, cachedInput: 36_000, output: 1_870 },
    costUsd: 0.0421,
  },
  pullRequest: null,
  limitsHit: [],
  refusals: [],
  startedAt: "2026-11-23T06:00:00.000Z",
};
