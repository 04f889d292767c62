import { ABSENT_FIX } from "./adversarial/absent-fix.ts";
import { ASSERTIONS_NEVER_REACHED } from "./adversarial/assertions-never-reached.ts";
import { BREAKS_OTHERS } from "./adversarial/breaks-others.ts";
import { DELETED_TESTS } from "./adversarial/deleted-tests.ts";
import { EXAMPLE_ONLY } from "./adversarial/example-only.ts";
import { FIXTURES_CHANGED } from "./adversarial/fixtures-changed.ts";
import { LOOSENED_ASSERTIONS } from "./adversarial/loosened-assertions.ts";
import { LOOSENED_RUNNERS } from "./adversarial/loosened-runners.ts";
import { MOCKED_SUBJECT } from "./adversarial/mocked-subject.ts";
import { PASSES_ON_BASE } from "./adversarial/passes-on-base.ts";
import { RUNNER_CONFIGURATION } from "./adversarial/runner-configuration.ts";
import { RUNNER_SELECTION } from "./adversarial/runner-selection.ts";
import { SKIPPED } from "./adversarial/skipped.ts";
import { SKIPPED_RUNNERS } from "./adversarial/skipped-runners.ts";
import { SNAPSHOTS_REWRITTEN } from "./adversarial/snapshots-rewritten.ts";
import { TEST_DETECTION } from "./adversarial/test-detection.ts";
import { TEST_DETECTION_RUNNERS } from "./adversarial/test-detection-runners.ts";
import { TEST_NAMES } from "./adversarial/test-names.ts";
import { WEAK_TESTS } from "./adversarial/weak-tests.ts";
import { WORLD_CUSTOM_REPORTER } from "./adversarial/world-custom-reporter.ts";
import { WORLD_ENVIRONMENT_FILES } from "./adversarial/world-environment-files.ts";
import { WORLD_EXIT } from "./adversarial/world-exit.ts";
import { WORLD_FILES } from "./adversarial/world-files.ts";
import { WORLD_FLAKY } from "./adversarial/world-flaky.ts";
import { WORLD_GO } from "./adversarial/world-go.ts";
import { WORLD_HANGS } from "./adversarial/world-hangs.ts";
import { WORLD_JEST } from "./adversarial/world-jest.ts";
import { WORLD_MACHINE } from "./adversarial/world-machine.ts";
import { WORLD_MOCHA } from "./adversarial/world-mocha.ts";
import { WORLD_MONOREPO } from "./adversarial/world-monorepo.ts";
import { WORLD_ORDER } from "./adversarial/world-order.ts";
import { WORLD_PATCHED_RUNNER } from "./adversarial/world-patched-runner.ts";
import { WORLD_PYTHON } from "./adversarial/world-python.ts";
import { WORLD_RESULTS_REWRITTEN } from "./adversarial/world-results-rewritten.ts";
import { WORLD_TEST_SCRIPT } from "./adversarial/world-test-script.ts";
import { WORLD_VERSIONS } from "./adversarial/world-versions.ts";
import { WORLD_VITEST } from "./adversarial/world-vitest.ts";
import { WORLD_ZONE_AND_CLOCK } from "./adversarial/world-zone-and-clock.ts";
import type { CorpusCase } from "./corpus-case.ts";
import { ASYNC_WORK } from "./honest/async-work.ts";
import { DATES } from "./honest/dates.ts";
import { EVENTS } from "./honest/events.ts";
import { JEST } from "./honest/jest.ts";
import { LANGUAGES_OF_NODE } from "./honest/languages-of-node.ts";
import { LAYOUT } from "./honest/layout.ts";
import { MOCHA } from "./honest/mocha.ts";
import { MOCHA_SYSTEM } from "./honest/mocha-system.ts";
import { MONOREPO } from "./honest/monorepo.ts";
import { OLD_TROUBLE } from "./honest/old-trouble.ts";
import { OUTSIDE } from "./honest/outside.ts";
import { PARSERS } from "./honest/parsers.ts";
import { PROCESSES } from "./honest/processes.ts";
import { PYTEST } from "./honest/pytest.ts";
import { SMALL_RUNNERS } from "./honest/small-runners.ts";
import { STRINGS } from "./honest/strings.ts";
import { UNITTEST_AND_GO } from "./honest/unittest-and-go.ts";
import { VITEST_TIME } from "./honest/vitest-time.ts";
import { VITEST_VALUES } from "./honest/vitest-values.ts";

/** Written from the promises alone by authors who had not seen the code that judges; each later miss is added, none removed. */
export const CASES: readonly CorpusCase[] = [
  ...ABSENT_FIX,
  ...ASSERTIONS_NEVER_REACHED,
  ...BREAKS_OTHERS,
  ...DELETED_TESTS,
  ...EXAMPLE_ONLY,
  ...FIXTURES_CHANGED,
  ...LOOSENED_ASSERTIONS,
  ...LOOSENED_RUNNERS,
  ...MOCKED_SUBJECT,
  ...PASSES_ON_BASE,
  ...RUNNER_CONFIGURATION,
  ...RUNNER_SELECTION,
  ...SKIPPED_RUNNERS,
  ...SKIPPED,
  ...SNAPSHOTS_REWRITTEN,
  ...TEST_DETECTION_RUNNERS,
  ...TEST_DETECTION,
  ...TEST_NAMES,
  ...WEAK_TESTS,
  ...WORLD_CUSTOM_REPORTER,
  ...WORLD_ENVIRONMENT_FILES,
  ...WORLD_EXIT,
  ...WORLD_FILES,
  ...WORLD_FLAKY,
  ...WORLD_GO,
  ...WORLD_HANGS,
  ...WORLD_JEST,
  ...WORLD_MACHINE,
  ...WORLD_MOCHA,
  ...WORLD_MONOREPO,
  ...WORLD_ORDER,
  ...WORLD_PATCHED_RUNNER,
  ...WORLD_PYTHON,
  ...WORLD_RESULTS_REWRITTEN,
  ...WORLD_TEST_SCRIPT,
  ...WORLD_VERSIONS,
  ...WORLD_VITEST,
  ...WORLD_ZONE_AND_CLOCK,
  ...ASYNC_WORK,
  ...DATES,
  ...EVENTS,
  ...JEST,
  ...LANGUAGES_OF_NODE,
  ...LAYOUT,
  ...MOCHA_SYSTEM,
  ...MOCHA,
  ...MONOREPO,
  ...OLD_TROUBLE,
  ...OUTSIDE,
  ...PARSERS,
  ...PROCESSES,
  ...PYTEST,
  ...SMALL_RUNNERS,
  ...STRINGS,
  ...UNITTEST_AND_GO,
  ...VITEST_TIME,
  ...VITEST_VALUES,
];
