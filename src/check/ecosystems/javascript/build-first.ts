import { expandCommand } from "../../find-runner.ts";
import { commandsOf, type Files } from "./ci-workflows.ts";
import { calledScript, findTestStep, type Hints } from "./hints.ts";
import type { WholeManifest } from "./manifest.ts";
import type { Member } from "./members.ts";

type Source = {
  readonly files: Files;
  readonly manifest: WholeManifest;
  readonly members: readonly Member[];
  readonly hints: Hints;
  readonly build: string | undefined;
  readonly test: string;
};

const OUTPUT = "dist|build|out|lib|lib-cjs|esm|cjs|es|compiled|_build";
const IMPORT = new RegExp(
  String.raw`(?:from|import|require)\s*\(?\s*["'](?:\.{1,2}/)+(${OUTPUT})(?:/|["'])`,
);
const TEST_FILE =
  /(?:^|\/)(?:tests?|__tests__|spec)\/.*\.[cm]?[jt]sx?$|[.-](?:test|spec)\.[cm]?[jt]sx?$/;
const MOST_FILES = 30;

/**
 * Why the project must be built before its tests, as part of the same command: else they would test what stood there
 * before a change. Undefined where nothing says that they need it.
 */
export async function whyBuildFirst(source: Source): Promise<string | undefined> {
  const { files, manifest, members, hints, build, test } = source;
  if (build === undefined || builds(test, manifest)) return undefined;
  const folders = new Set(files.paths.map((path) => path.slice(0, path.indexOf("/"))));
  const imported = await importedOutput(files, folders);
  if (imported !== undefined) return `the tests import ${imported}/`;
  const tracked = new Set(files.paths);
  const isMade = (path: string) => new RegExp(`^(?:${OUTPUT})/`).test(path) && !tracked.has(path);
  const member = members.find(
    ({ folder, entry }) =>
      entry !== undefined &&
      isMade(entry.replace(/^\.\//, "")) &&
      !tracked.has(`${folder}/${entry.replace(/^\.\//, "")}`),
  );
  if (member !== undefined) return `${member.folder} gives the others what a build makes`;
  const found = findTestStep(hints.ci);
  const buildsInCi = found?.before.some((step) =>
    commandsOf(step).some((command) => /^build|^compile/.test(calledScript(command) ?? "")),
  );
  if (buildsInCi !== true || !manifest.entries.some(isMade)) return undefined;
  return `${found?.step.file} does so`;
}

/** Whether the test command builds by itself. */
function builds(test: string, { scripts }: WholeManifest): boolean {
  const text = expandCommand(test, scripts);
  return /\b(?:run(?:-script)?|pnpm|yarn)\s+(?:-\S+\s+)*(?:build|compile)\b/.test(text);
}

async function importedOutput(
  files: Files,
  folders: ReadonlySet<string>,
): Promise<string | undefined> {
  const tests = files.paths.filter(
    (path) => TEST_FILE.test(path) && !path.includes("node_modules/"),
  );
  for (const path of tests.slice(0, MOST_FILES)) {
    const folder = IMPORT.exec((await files.readFile(path)) ?? "")?.[1];
    if (folder !== undefined && !folders.has(folder)) return folder;
  }
  return undefined;
}
