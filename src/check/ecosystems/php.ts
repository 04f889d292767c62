import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";

const CONFIGURATIONS = ["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"];

/** PHPUnit, from `vendor/` when composer.json asks for it. */
export async function findPhp(source: ProjectSource): Promise<Project | undefined> {
  const file = CONFIGURATIONS.find((path) => source.paths.includes(path));
  const composer = await source.readFile("composer.json");
  const asks = composer?.includes('"phpunit/phpunit"') === true;
  if (file === undefined && !asks) return undefined;
  const command = asks ? "vendor/bin/phpunit" : "phpunit";
  return {
    packageManager: composer === undefined ? "none" : "composer",
    ...(composer === undefined ? {} : { install: "composer install --no-interaction" }),
    test: { command, runner: "phpunit" },
    findings: [
      composer === undefined
        ? "Package manager: none, because there is no composer.json."
        : "Package manager: composer, because of composer.json.",
      `Tests: \`${command}\`, because of ${file ?? "composer.json"}.`,
    ],
  };
}
