// Judges an honest provider and, law by law, one that breaks just that law. Prints what it found as JSON.
// A process of its own, because starting commands from a large one is slow.
import { LAWS } from "../all-laws.ts";
import { CANARY } from "../canary.ts";
import { type Stage, shareSandbox, withContext } from "../context.ts";
import type { Law } from "../law.ts";
import { openOutside } from "../outside.ts";
import { LIES } from "./all-lies.ts";
import { openHonestStage } from "./honest/stage.ts";
import type { Lie } from "./lie.ts";

/** What a law said of the honest provider and of the broken one; null when it had nothing to say. */
export type Proof = {
  readonly promise: string;
  readonly honest: string | null;
  readonly broken: string | null;
};

const LANES = 4;
const LIMIT_MS = 30_000;
const HONEST: Lie = (stage) => stage;

process.env["DUNLIN_CONFORMANCE"] = CANARY;
const outside = await openOutside();

async function verdict(law: Law, lie: Lie): Promise<string | null> {
  await using honest = openHonestStage(outside);
  try {
    await Promise.race([check(lie(honest), law), tooLate(law)]);
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** A law that waits for ever says nothing. */
async function tooLate({ promise }: Law): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, LIMIT_MS).unref());
  throw new Error(`Nothing came of it: ${promise}`);
}

async function check(stage: Stage, law: Law): Promise<void> {
  const shared = shareSandbox(stage);
  await withContext(stage, shared, (context) => law.check(context));
}

async function prove(concern: keyof typeof LAWS, law: Law): Promise<Proof> {
  const { promise } = law;
  const lie = (LIES[concern] as Readonly<Record<string, Lie>>)[promise];
  const honest = await verdict(law, HONEST);
  return { promise, honest, broken: lie === undefined ? null : await verdict(law, lie) };
}

const concerns = Object.keys(LAWS) as readonly (keyof typeof LAWS)[];
const all = concerns.flatMap((concern) => LAWS[concern].map((law) => ({ concern, law })));
// What weighs most comes last, and alone: it measures memory, and makes this process large.
const isHeavy = ({ law }: { law: Law }) => / MiB /.test(law.promise);
const waiting = all.filter((one) => !isHeavy(one));
const proofs: Proof[] = [];
const lane = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    proofs.push(await prove(next.concern, next.law));
  }
};
await Promise.all(Array.from({ length: LANES }, lane));
for (const { concern, law } of all.filter(isHeavy)) proofs.push(await prove(concern, law));
process.stdout.write(JSON.stringify(proofs), () => process.exit());
