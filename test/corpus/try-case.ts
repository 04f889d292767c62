import { Failure } from "../../src/errors.ts";
import type { Verdict } from "../../src/evidence/verdict.ts";
import type { Layer, SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { openProver } from "../attack/prove-forgery.ts";
import type { CorpusCase } from "./corpus-case.ts";
import { imageOf, withKit } from "./kits.ts";

/** What Dunlin made of a submission; `refused` was never run. */
export type CaseResult = {
  readonly id: string;
  readonly kind: CorpusCase["kind"];
  readonly outcome: Verdict | "refused";
  readonly reasons: readonly string[];
  readonly durationMs: number;
};

/** Whether it is what its kind should come to. */
export function isRight({ kind, outcome }: Pick<CaseResult, "kind" | "outcome">): boolean {
  return (kind === "honest") === (outcome === "verified");
}

/** Hands one submission in, on a repository of its own. */
export async function tryCase(
  one: CorpusCase,
  provider: SandboxProvider,
  layersOf: (kit: CorpusCase["kit"]) => Promise<readonly Layer[]>,
): Promise<CaseResult> {
  const startedAt = performance.now();
  const found = await judge(one, provider, await layersOf(one.kit));
  const { id, kind } = one;
  return { id, kind, ...found, durationMs: performance.now() - startedAt };
}

async function judge(
  { kit, base, change }: CorpusCase,
  provider: SandboxProvider,
  layers: readonly Layer[],
): Promise<Pick<CaseResult, "outcome" | "reasons">> {
  try {
    const prove = await openProver(provider, mapValues(base, kit), layers, imageOf(kit));
    const { refused, evidence } = await prove({ name: "", files: mapValues(change, kit) });
    if (refused !== undefined) return { outcome: "refused", reasons: refused };
    const { verdict, reasons, gates, tests } = evidence;
    const blocks = gates
      .filter(({ result }) => result === "block")
      .map(({ id, detail }) => `${id}: ${detail}`);
    const weak = tests.failToPass
      .filter(({ strength }) => strength === "weak")
      .map(({ base: { reason, message }, doubt }) => doubt ?? `${reason}: ${message}`);
    return {
      outcome: verdict,
      reasons: [...reasons.map(({ detail }) => detail), ...blocks, ...weak],
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "unavailable") throw error;
    return { outcome: "refused", reasons: [error.message] };
  }
}

function mapValues<Text extends string | null>(
  files: Readonly<Record<string, Text>>,
  kit: CorpusCase["kit"],
): Readonly<Record<string, Text>> {
  const entries = Object.entries(files).map(
    ([path, text]) => [path, text === null ? text : withKit(kit, path, text)] as const,
  );
  return Object.fromEntries(entries) as Readonly<Record<string, Text>>;
}
