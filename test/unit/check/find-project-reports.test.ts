import { expect, it } from "vitest";
import { findProject } from "../../../src/check/find-project.ts";

it("reads JUnit files where the configuration says that there are some", async () => {
  const settings = { test: "make check", reports: ["out/*.xml"] };
  const project = await findProject({ paths: [], readFile: async () => undefined, settings });
  expect(project.test).toEqual({ command: "make check", runner: "junit", reports: ["out/*.xml"] });
  expect(project.findings.join("\n")).toContain("JUnit XML at `out/*.xml`");
});
