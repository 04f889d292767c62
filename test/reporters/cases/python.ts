import { debianModule } from "../debian.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { pytestLine, unittestLines } from "../summaries.ts";

export const pytest: ReporterCase = {
  ...debianModule({ package: "python3-toolz", version: "0.12.0-1", module: "toolz" }),
  runner: "pytest",
  version: "python3 -m pytest --version 2>&1",
  alone: "python3 -m pytest",
  summary: pytestLine,
};

export const unittest: ReporterCase = {
  ...debianModule({ package: "python3-simplejson", version: "3.18.3-1", module: "simplejson" }),
  runner: "unittest",
  version: "python3 --version",
  alone: "python3 -m unittest 2>&1",
  summary: unittestLines,
};
