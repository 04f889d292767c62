import { median, quantile, spreadOf } from "../figures.ts";
import { type Finding, ratio } from "../finding.ts";
import { inTurns } from "../rounds.ts";
import { CLAIM_COSTS, openPlace, TRUE, toFirstCommand } from "./place.ts";

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
  const about = { runtime, reason: CLAIM_COSTS };
  const cheap = ratio(
    { ...about, id: "claim", what },
    measured,
    ["claim", "cold create"],
    (ms) => ms.claim / ms["cold create"],
  );
  return [cheap, tailOf(cheap, measured.samples.claim)];
}

function tailOf(finding: Finding, claims: readonly number[]): Finding {
  const middle = median(claims);
  return {
    ...finding,
    id: "claim-tail",
    what: "the 95th of 100 such claims ÷ the 50th",
    figure: quantile(claims, 0.95) / middle,
    spread: spreadOf(claims.map((ms) => ms / middle)),
  };
}
