import { describe, expect, it } from "vitest";
import { Failure } from "../../../src/errors.ts";
import type { DurableStep } from "../../../src/run/durable.ts";
import { patientSteps } from "../../../src/run/patient-steps.ts";

const away = new Failure("unavailable", "github-unavailable", "GitHub is away.");
const options = { phase: "publish" };

function scene() {
  const names: string[] = [];
  const waits: number[] = [];
  const step: DurableStep = async (name, _options, body) => {
    names.push(name);
    return body(new AbortController().signal);
  };
  const patient = patientSteps(step, async (ms) => void waits.push(ms));
  return { names, waits, patient };
}

/** Fails so many times, then gives its result. */
function failing(times: number, failure: unknown = away) {
  let left = times;
  return async () => {
    if (left-- > 0) throw failure;
    return "done";
  };
}

describe("a step that needs the code host", () => {
  it("runs once when the host is there", async () => {
    const { patient, names, waits } = scene();
    expect(await patient("propose", options, failing(0))).toBe("done");
    expect([names, waits]).toEqual([["propose"], []]);
  });

  it("waits longer each time while it is away; attempts and waits are steps of their own", async () => {
    const { patient, names, waits } = scene();
    expect(await patient("propose", options, failing(2))).toBe("done");
    expect(waits).toEqual([5_000, 30_000]);
    expect(names).toEqual([
      "propose",
      "propose-wait-1",
      "propose-2",
      "propose-wait-2",
      "propose-3",
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("ends with the host's failure after about 90 minutes", async () => {
    const { patient, names, waits } = scene();
    await expect(patient("propose", options, failing(99))).rejects.toBe(away);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(80 * 60_000);
    expect(names.at(-1)).toBe("propose-last");
  });

  it.each([
    new Failure("unavailable", "engine-down", "No container engine answers."),
    new Failure("not-permitted", "github-refused", "No."),
    new Failure("cancelled", "by-person", "ada asked to stop."),
    new Error("a fault"),
  ])("doesn't wait for %s", async (failure) => {
    const { patient, waits } = scene();
    await expect(patient("propose", options, failing(1, failure))).rejects.toBe(failure);
    expect(waits).toEqual([]);
  });
});
