import { expect, it } from "vitest";
import { ATTESTATION, MANIFEST, makeBundle } from "../../../src/attestation/bundle.ts";
import { checkBundle } from "../../../src/attestation/check-bundle.ts";
import type { BundleFile } from "../../../src/attestation/manifest.ts";
import { contentOf, sha256Of, trustIn } from "../../fakes/bundle.ts";
import {
  bytes,
  complaints,
  envelope,
  evidence,
  fileOf,
  flip,
  honest,
  key,
  signedAnew,
  stranger,
  withFile,
  withJson,
  withManifest,
} from "../../fakes/tamper.ts";

it("confirms a bundle as it was made, of every verdict", () => {
  expect(complaints(honest)).toEqual([]);
  expect(checkBundle(honest, trustIn(key)).points.length).toBeGreaterThan(12);
});

it("gives the same bytes for the same content", () => {
  expect(makeBundle(contentOf(), { signer: key.signer, sha256: sha256Of })).toEqual(honest);
});

it.each<[string, string, readonly BundleFile[]]>([
  [
    "the verdict",
    "evidence.json",
    evidence((json) => {
      json.verdict = "verified_weak";
    }),
  ],
  ["a reason", "evidence.json", evidence((json) => json.reasons.push({ id: "x", detail: "y" }))],
  [
    "the base commit",
    "evidence.json",
    evidence((json) => {
      json.baseSha = "9".repeat(40);
    }),
  ],
  [
    "the repository",
    "evidence.json",
    evidence((json) => {
      json.repository = "evil/other";
    }),
  ],
  ["a proof", "evidence.json", evidence((json) => void json.tests.failToPass.pop())],
  [
    "a gate",
    "evidence.json",
    evidence((json) => {
      json.gates[0].result = "block";
    }),
  ],
  [
    "a command",
    "evidence.json",
    evidence((json) => {
      json.commands[0].command = "true";
    }),
  ],
  [
    "the isolation",
    "evidence.json",
    evidence((json) => {
      json.isolation.weak = true;
    }),
  ],
  [
    "the model",
    "evidence.json",
    evidence((json) => {
      json.model.costUsd = 0;
    }),
  ],
  [
    "a field that nobody knows",
    "evidence.json",
    evidence((json) => {
      json.more = 1;
    }),
  ],
  [
    "the schema's version",
    "evidence.json",
    evidence((json) => {
      json.schema = "dunlin/evidence/v2";
    }),
  ],
  [
    "a byte of a log",
    "logs/R0a.log",
    withFile(honest, "logs/R0a.log", flip(fileOf(honest, "logs/R0a.log"))),
  ],
  [
    "the end of a log",
    "logs/R2.tail.log",
    withFile(honest, "logs/R2.tail.log", bytes("# pass 99")),
  ],
  ["the patch", "patch.diff", withFile(honest, "patch.diff", flip(fileOf(honest, "patch.diff")))],
  [
    "a report",
    "reports/R2.json",
    withJson(honest, "reports/R2.json", (json) => {
      json.tests[0].status = "fail";
    }),
  ],
  [
    "the order of the runs",
    "runs.json",
    withJson(honest, "runs.json", ({ runs }) => {
      [runs.first, runs.second] = [runs.second, runs.first];
    }),
  ],
  [
    "the egress log",
    "egress.json",
    withJson(honest, "egress.json", (json) => json.refusals.push({})),
  ],
  [
    "the policy",
    "policy.json",
    withJson(honest, "policy.json", (json) => {
      json.limits.turns = 1;
    }),
  ],
  [
    "the journal's digest",
    "journal.json",
    withJson(honest, "journal.json", (json) => {
      json.bytes = 1;
    }),
  ],
  [
    "the published schema",
    "evidence.schema.json",
    withFile(honest, "evidence.schema.json", bytes("{}")),
  ],
  ["a missing file", "reports/R1a.json", honest.filter(({ path }) => path !== "reports/R1a.json")],
  ["a missing log", "logs/R0b.tail.log", honest.filter(({ path }) => path !== "logs/R0b.tail.log")],
  ["no manifest", MANIFEST, honest.filter(({ path }) => path !== MANIFEST)],
  ["no envelope", ATTESTATION, honest.filter(({ path }) => path !== ATTESTATION)],
  ["one more file", "notes.txt", withFile(honest, "notes.txt", bytes("hello"))],
  [
    "the time it was made",
    MANIFEST,
    withJson(honest, MANIFEST, (json) => {
      json.madeAt = "2026-11-24T00:00:00.000Z";
    }),
  ],
  [
    "another log with a new manifest",
    MANIFEST,
    withManifest(withFile(honest, "logs/R2.tail.log", bytes("x"))),
  ],
  [
    "one more file with a new manifest",
    "notes.txt",
    withManifest(withFile(honest, "notes.txt", bytes("hello"))),
  ],
  [
    "the signature",
    "signature",
    envelope((json) => {
      const [first, ...rest] = json.signatures[0].sig;
      json.signatures[0].sig = [first === "A" ? "B" : "A", ...rest].join("");
    }),
  ],
  [
    "the payload type",
    "payload type",
    envelope((json) => {
      json.payloadType = "text/plain";
    }),
  ],
  ["two signatures", ATTESTATION, envelope((json) => json.signatures.push(json.signatures[0]))],
  [
    "the statement's subject",
    "signature",
    envelope((json) => {
      json.payload = btoa(atob(json.payload).replace("2222", "3333"));
    }),
  ],
  [
    "the statement's result",
    "signature",
    envelope((json) => {
      json.payload = btoa(atob(json.payload).replace("PASSED", "FAILED"));
    }),
  ],
  [
    "the key's id",
    "key",
    envelope((json) => {
      json.signatures[0].keyid = "f".repeat(64);
    }),
  ],
  [
    "the id of another key",
    "signature",
    envelope((json) => {
      json.signatures[0].keyid = stranger.listed.id;
    }),
  ],
  ["a signature by a stranger", "key", signedAnew(honest, stranger)],
])("refuses a bundle when somebody changed %s, and names %s", (_, named, files) => {
  const trust = named === "signature" ? trustIn(key, stranger) : trustIn(key);
  const found = complaints(files, trust);
  expect(found.some((line) => line.startsWith(named))).toBe(true);
});

it.each<[string, string, readonly BundleFile[]]>([
  [
    "verdict",
    "verdict",
    signedAnew(
      evidence((json) => {
        json.verdict = "unverified";
      }),
      key,
      (json) => {
        json.predicate.result = "FAILED";
      },
    ),
  ],
  [
    "counts",
    "tests",
    signedAnew(
      evidence((json) => {
        json.tests.passToPass = 9;
      }),
    ),
  ],
  [
    "report",
    "reports of R2",
    signedAnew(
      withJson(honest, "reports/R2.json", (json) => {
        json.exitCode = 1;
      }),
    ),
  ],
  [
    "result of a test",
    "tests",
    signedAnew(
      withJson(honest, "reports/R1a.json", (json) => {
        json.tests[1].status = "pass";
      }),
    ),
  ],
  ["log", "logs/R0a.log", signedAnew(withFile(honest, "logs/R0a.log", bytes("ok")))],
  [
    "missing run",
    "reports",
    signedAnew(
      withJson(honest, "runs.json", ({ runs }) => {
        runs.onBase = null;
      }),
    ),
  ],
  ["patch", "patch.diff", signedAnew(withFile(honest, "patch.diff", bytes("nothing")))],
  [
    "subject",
    "statement",
    signedAnew(honest, key, (json) => {
      json.subject[0].digest.gitCommit = "3".repeat(40);
    }),
  ],
  [
    "passed test",
    "statement",
    signedAnew(honest, key, (json) => json.predicate.passedTests.push("one that never ran")),
  ],
  [
    "predicate",
    "statement",
    signedAnew(honest, key, (json) => {
      json.predicateType = "https://slsa.dev/provenance/v1";
    }),
  ],
  ["more files", "notes.txt", signedAnew(withFile(honest, "notes.txt", bytes("hello")))],
  [
    "reports that are none",
    "reports",
    signedAnew(withFile(honest, "reports/R2.json", bytes("[]"))),
  ],
])("refuses what doesn't follow even when the right key signed it: %s", (_, named, files) => {
  const found = complaints(files);
  expect(found.some((line) => line.startsWith(named))).toBe(true);
  expect(found.some((line) => line.startsWith("signature"))).toBe(false);
});
