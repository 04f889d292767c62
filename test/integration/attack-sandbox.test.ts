import { expect, test } from "vitest";
import { CASES } from "../attack/sandbox/cases.ts";
import { QUICK } from "../attack/sandbox/quick.ts";
import { runSuite } from "../attack/sandbox/run-suite.ts";
import { describeEachRuntime } from "./sandbox-fixture.ts";

describeEachRuntime("attacks from inside", (runtime) => {
  test("do no harm and leave nothing", { timeout: 600_000 }, async () => {
    const cases = CASES.filter(({ id }) => QUICK.includes(id));
    const { results, left } = await runSuite({ provider: "docker", runtime, cases });
    const harmful = results.filter(({ outcome }) => outcome !== "held");
    expect(harmful).toEqual([]);
    expect(left).toEqual([]);
    expect(results.length).toBe(QUICK.length);
  });
});
