import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { LAWS } from "../conformance/all-laws.ts";
import type { Proof } from "../conformance/broken/prove.ts";

const promises = Object.values(LAWS).flatMap((laws) => laws.map(({ promise }) => promise));
describe("a law passes an honest provider, and notices the broken one", () => {
  let proofs: readonly Proof[] = [];
  beforeAll(async () => {
    const argv = ["test/conformance/broken/prove.ts"];
    const options = { maxBuffer: 64 * 1024 ** 2 };
    proofs = JSON.parse((await promisify(execFile)(process.execPath, argv, options)).stdout);
  }, 300_000);

  test.each(promises)("%s", (promise) => {
    const proof = proofs.find((one) => one.promise === promise);
    expect(proof?.honest).toBeNull();
    // A complaint of the law's own, or the failure that it let through: no accident of the broken provider's.
    expect(proof?.broken).toMatch(/^(AssertionError|Failure): /);
  });
});
