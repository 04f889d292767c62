import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { VARIABLES } from "../../src/config.ts";
import { gateIds } from "../../src/evidence/gate.ts";
import { checkRunOutput } from "../../src/evidence/report/check-run-output.ts";
import { readRepositorySettings } from "../../src/run/repository-settings.ts";
import { evidenceOf } from "../fakes/evidence.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const between = (start: string, end: string) => readme.split(start)[1]?.split(end)[0]?.trim() ?? "";

describe("the README", () => {
  it("lists every setting as config.ts has it", () => {
    const rows = Object.entries(VARIABLES).map(([name, variable]) => {
      const initial = "default" in variable ? `\`${variable.default}\`` : "";
      return `| \`${name}\` | ${variable.about} | ${initial} |`.replace("|  |", "| |");
    });
    const table = ["| Variable | Meaning | Default |", "|---|---|---|", ...rows].join("\n");
    expect(between("<!-- settings -->", "<!-- /settings -->")).toBe(table);
  });

  it("shows repository settings that are accepted", () => {
    const example = between("```yaml\n", "```");
    expect(readRepositorySettings(example, ["node"])).toEqual({
      image: "node",
      install: "npm ci",
      test: "npm test",
      reports: ["reports/*.xml"],
      build: "npm run build",
      lint: "npm run lint",
      types: "npx tsc --noEmit",
    });
  });

  it("explains each permission that app.yml asks for, and no other", () => {
    const manifest = parse(readFileSync(new URL("../../app.yml", import.meta.url), "utf8")) as {
      default_permissions: Record<string, string>;
    };
    const asked = Object.entries(manifest.default_permissions).map(
      ([name, access]) => `${name.replaceAll("_", " ")}: ${access}`,
    );
    const explained = [...readme.matchAll(/^\| ([A-Z][a-z ]+: (?:read|write)) \|/gm)].map((row) =>
      (row[1] ?? "").toLowerCase(),
    );
    expect(explained.toSorted()).toEqual(asked.toSorted());
  });
});

describe("docs/evidence.md", () => {
  const page = readFileSync(new URL("../../docs/evidence.md", import.meta.url), "utf8");

  it.each(gateIds)("explains the gate %s", (id) => {
    expect(page).toMatch(new RegExp(`^\\| \`${id}\` \\| `, "m"));
  });

  it.each(["verified", "verified_weak", "verified_no_new_test", "unverified"] as const)(
    "names the verdict %s with what the check run makes of it",
    (verdict) => {
      const { conclusion } = checkRunOutput({ ...evidenceOf(), verdict });
      expect(page).toMatch(new RegExp(`^\\| \\S+ \`${verdict}\` \\|.*\\| ${conclusion} \\|$`, "m"));
    },
  );
});
