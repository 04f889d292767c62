import { createHash } from "node:crypto";
import { measureCoverage } from "../src/check/coverage/measure-coverage.ts";
import { runCommand } from "../src/check/run-command.ts";
import { runSuite } from "../src/check/run-suite.ts";
import type { MatrixPorts } from "../src/evidence/runs/fresh-sandbox.ts";

const hashing = { createHash: () => createHash("sha256") };

/** Whatever the matrix runs in a sandbox, for real. */
export const measuringPorts: Pick<MatrixPorts, "runSuite" | "measureCoverage" | "runCommand"> = {
  runSuite: (sandbox, project, options) => runSuite(sandbox, project, { ...options, ...hashing }),
  measureCoverage: (sandbox, project, options) =>
    measureCoverage(sandbox, project, { ...options, ...hashing }),
  runCommand: (sandbox, project, options) =>
    runCommand(sandbox, project, { ...options, ...hashing }),
};
