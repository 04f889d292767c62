import { jest } from "./cases/jest.ts";
import { mocha } from "./cases/mocha.ts";
import { nodeTests } from "./cases/node-test.ts";
import { pytest, unittest } from "./cases/python.ts";
import { tap } from "./cases/tap.ts";
import { tapes } from "./cases/tape.ts";
import { vitest } from "./cases/vitest.ts";
import type { ReporterCase } from "./reporter-case.ts";

/** A new one is a file in cases/ and a line here. */
export const REPORTER_CASES: readonly ReporterCase[] = [
  nodeTests,
  tap,
  ...tapes,
  mocha,
  jest,
  vitest,
  pytest,
  unittest,
];
