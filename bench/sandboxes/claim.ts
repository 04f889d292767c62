import { quantile } from "../figures.ts";
import { type Finding, ratio, time } from "../finding.ts";
import { inTurns } from "../rounds.ts";
import { openPlace, TRUE, toFirstCommand } from "./place.ts";

/** A sandbox out of the pool to its first command, and one that has to be made. */
export async function measureClaim(runtime: string, rounds: number): Promise<readonly Finding[]> {
  await using pool = await openPlace(runtime, { poolSize: 1 });
  await using cold = await openPlace(runtime);
  const sides = {
    claim: () => toFirstCommand(pool, {}, TRUE),
    "cold create": () => toFirstCommand(cold, {}, TRUE),
  };
  const measured = await inTurns(sides, rounds);
  const what = "a warm claim to its first command ÷ a cold create to its first command";
  const { claim: claims } = measured.samples;
  const tail = quantile(claims, 0.95) / quantile(claims, 0.5);
  const about = { runtime, reason: "" };
  const spread = time({ ...about, id: "claim-tail", what: "" }, measured, "claim");
  return [
    ratio(
      { ...about, id: "claim", what },
      measured,
      ["claim", "cold create"],
      (ms) => ms.claim / ms["cold create"],
    ),
    { ...spread, what: "the 95th of 100 such claims ÷ the 50th", unit: "×", figure: tail },
  ];
}
