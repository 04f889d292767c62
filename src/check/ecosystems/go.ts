import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";

/**
 * A Go module at the top. What it requires is put into `vendor/`, where the tests find it without a network and where it is
 * kept as a layer.
 */
export async function findGo(source: ProjectSource): Promise<Project | undefined> {
  const text = await source.readFile("go.mod");
  if (text === undefined) return undefined;
  const paths = new Set(source.paths);
  const isVendored = paths.has("vendor/modules.txt");
  const requires = /^\s*require\b/m.test(text);
  const several = paths.has("go.work");
  const vendor = several ? "go work vendor" : "go mod vendor";
  const [, minor = "99"] = /^go 1\.(\d+)/m.exec(text) ?? [];
  // From 1.14 on, Go takes what is in vendor/ by itself.
  const command = requires && Number(minor) < 14 ? "go test -mod=vendor ./..." : "go test ./...";
  const install = isVendored
    ? {}
    : requires || several
      ? { install: vendor }
      : { firstInstall: vendor };
  const why = isVendored
    ? "what it requires is in vendor/"
    : requires
      ? "go.mod requires modules"
      : "go.mod requires nothing";
  return {
    packageManager: "go",
    ...install,
    test: { command, runner: "go test" },
    findings: [`Package manager: go, ${why}.`, `Tests: \`${command}\`, because of go.mod.`],
  };
}
