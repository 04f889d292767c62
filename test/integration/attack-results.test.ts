import { beforeAll, describe, expect, it } from "vitest";
import { VICTIM_FILES } from "../attack/attack.ts";
import { DECEIVING } from "../attack/forgeries/deceiving.ts";
import { LOOSENED } from "../attack/forgeries/loosened.ts";
import { PICKED_UP } from "../attack/forgeries/picked-up.ts";
import { openProver, type Prover } from "../attack/prove-forgery.ts";
import { providerFor } from "./sandbox-fixture.ts";

const FIXED = (VICTIM_FILES["sum.js"] ?? "").replace("a - b", "a + b");

describe.concurrent("results that a patch forges", () => {
  let prove: Prover;
  beforeAll(async () => {
    prove = await openProver(providerFor("runc"), VICTIM_FILES);
  });

  it("an honest fix is verified, so the others are not refused for nothing", async () => {
    const { evidence } = await prove({ name: "honest", files: { "sum.js": FIXED } });
    expect(evidence).toMatchObject({ verdict: "verified", reasons: [] });
  });

  it.each([...LOOSENED, ...DECEIVING, ...PICKED_UP])("$name: not verified", async (forgery) => {
    const { refused, evidence } = await prove(forgery);
    if (refused !== undefined) return expect(refused).not.toEqual([]);
    expect(["unverified", "verified_no_new_test"]).toContain(evidence.verdict);
  });
});
