import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";
import { tomlTable } from "./toml-facts.ts";

/** Cargo's home in the workspace, with what leads it to the registries, so that what it fetches is kept as a layer. */
const HOME = ".dunlin/cargo";

export async function findRust(source: ProjectSource): Promise<Project | undefined> {
  const text = await source.readFile("Cargo.toml");
  if (text === undefined) return undefined;
  const paths = new Set(source.paths);
  const isWorkspace = tomlTable(text, "workspace") !== undefined;
  const locked = paths.has("Cargo.lock") ? " --locked" : "";
  const asks = await asksForCrates(source, text, isWorkspace);
  const all = isWorkspace ? " --workspace" : "";
  const usesNextest = paths.has(".config/nextest.toml");
  const words = usesNextest ? "nextest run" : "test";
  const home = asks ? `CARGO_HOME="$PWD/${HOME}" ` : "";
  const command = `${home}cargo ${words} --offline --no-fail-fast${all}`;
  const install = `mkdir -p ${HOME} && cp -R "$HOME/.cargo/." ${HOME}/ && CARGO_HOME="$PWD/${HOME}" cargo fetch${locked}`;
  return {
    packageManager: "cargo",
    ...(asks ? { install } : {}),
    test: { command, runner: usesNextest ? "nextest" : "cargo test" },
    findings: [
      `Package manager: cargo, because of Cargo.toml${asks ? "" : ", which asks for no crate"}.`,
      `Tests: \`${command}\`, because of ${usesNextest ? ".config/nextest.toml" : "Cargo.toml"}.`,
    ],
  };
}

async function asksForCrates(
  source: ProjectSource,
  text: string,
  isWorkspace: boolean,
): Promise<boolean> {
  const others = source.paths.filter((path) => path.endsWith("/Cargo.toml")).slice(0, 100);
  const texts = [text];
  for (const path of isWorkspace ? others : []) texts.push((await source.readFile(path)) ?? "");
  return texts.some((one) =>
    [
      ...one.matchAll(
        /^\s*\[(?:[\w.'"()=\- ]+\.)?(?:dev-|build-)?dependencies(\.[\w-]+)?\]([^[]*)/gm,
      ),
    ].some(
      ([, single, body = ""]) =>
        single !== undefined || /^\s*[\w-]+(?:\.workspace)?\s*=(?!\s*\{[^}]*\bpath\b)/m.test(body),
    ),
  );
}
