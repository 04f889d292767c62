import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";

/** RSpec, with what a Gemfile asks for in `vendor/bundle`. */
export async function findRuby(source: ProjectSource): Promise<Project | undefined> {
  const spec = source.paths.find((path) => /^spec\/.*_spec\.rb$/.test(path));
  if (spec === undefined) return undefined;
  const gemfile = source.paths.includes("Gemfile");
  const command = gemfile ? "bundle exec rspec" : "rspec";
  return {
    packageManager: gemfile ? "bundler" : "none",
    ...(gemfile
      ? { install: "bundle config set --local path vendor/bundle && bundle install" }
      : {}),
    test: { command, runner: "rspec" },
    findings: [
      gemfile
        ? "Package manager: bundler, because of Gemfile."
        : "Package manager: none, because there is no Gemfile.",
      `Tests: \`${command}\`, because of ${spec}.`,
    ],
  };
}
