import { expect, test } from "vitest";
import { changedDependencies } from "../../../../src/evidence/dependencies.ts";
import type { ChangedFile } from "../../../../src/evidence/gate.ts";
import { judgeGates } from "../../../../src/evidence/gates.ts";
import { file } from "../../../fakes/gate-files.ts";

const found = (...files: readonly ChangedFile[]) =>
  judgeGates(files).flatMap(({ id, result }) => (result === "pass" ? [] : [`${id}: ${result}`]));
const json = (value: object) => JSON.stringify(value);

const BASE = { name: "p", scripts: { test: "tape" }, dependencies: { a: "^1.0.0", b: "2.x" } };
const manifest = (head: object) => file("package.json", json(BASE), json({ ...BASE, ...head }));
const wanting = (dependencies: object) =>
  manifest({ dependencies: { ...BASE.dependencies, ...dependencies } });

const ENTRY = {
  version: "1.0.0",
  resolved: "https://packages.test/a/-/a-1.0.0.tgz",
  integrity: "sha512-x",
};
const locked = (more: object) =>
  json({ lockfileVersion: 3, packages: { "": {}, "node_modules/a": ENTRY, ...more } });
const lock = (more: object) => file("package-lock.json", locked({}), locked(more));
const C = { ...ENTRY, resolved: "https://packages.test/npm/c/-/c-1.0.0.tgz" };

test("a package from a registry is for a person to look at", () => {
  expect(found(wanting({ c: "^1.2.3" }), lock({ "node_modules/c": C }))).toEqual([
    "dependencies-unchanged: flag",
  ]);
  expect(found(wanting({ c: "1.0.0" }), file("yarn.lock", "a", "b"))).toEqual([
    "dependencies-unchanged: flag",
    "dependencies-unchanged: flag",
  ]);
});

test.each<[string, readonly ChangedFile[]]>([
  ["another script beside it", [manifest({ dependencies: { c: "1" }, scripts: { test: "true" } })]],
  ["another kind of modules", [manifest({ type: "module" })]],
  ["replaced versions", [manifest({ overrides: { a: "npm:evil@1" } })]],
  ["a manifest where there was none", [file("test/package.json", null, "{}")]],
  ["a manifest that is none", [file("package.json", json(BASE), "[]")]],
  ["a manifest that is gone", [file("package.json", json(BASE), null)]],
])("what a manifest says beside its dependencies blocks: %s", (_name, files) => {
  expect(found(...files)).toContain("runner-config-unchanged: block");
});

test.each<[string, readonly ChangedFile[]]>([
  ["an alias", [wanting({ c: "npm:evil@1.0.0" })]],
  ["a repository", [wanting({ c: "evil/c" })]],
  ["an address", [wanting({ c: "https://evil.test/c.tgz" })]],
  ["a folder", [wanting({ c: "file:./c" })]],
  ["another test runner", [manifest({ devDependencies: { mocha: "1.0.0" } })]],
  ["an own assertion library", [wanting({ "@vitest/runner": "1.0.0" })]],
  ["a lock file by itself", [lock({ "node_modules/c": C })]],
  ["a lock file where there was none", [file("package-lock.json", null, locked({}))]],
  ["a package from elsewhere", [{ ...C, resolved: "https://evil.test/c.tgz" }].flatMap(withLock)],
  [
    "a package under another's name",
    [{ ...C, resolved: "https://packages.test/evil/-/evil-1.0.0.tgz" }].flatMap(withLock),
  ],
  [
    "a package from the sandbox's own gateway",
    [{ ...C, resolved: "http://127.0.0.1:3128/npm/c/-/c-1.0.0.tgz" }].flatMap(withLock),
  ],
  ["a package without a hash", [{ ...C, integrity: undefined }].flatMap(withLock)],
  ["a test runner in the lock file", [wanting({ c: "1" }), lock({ "node_modules/tape": C })]],
  [
    "a lock file that can't be read",
    [wanting({ c: "1" }), file("package-lock.json", locked({}), "{")],
  ],
])("what would come unseen blocks: %s", (_name, files) => {
  expect(found(...files)).toContain("dependencies-unchanged: block");
});

function withLock(entry: object): readonly ChangedFile[] {
  return [wanting({ c: "1.0.0" }), lock({ "node_modules/c": entry })];
}

test("changes are listed from the manifests and the tops of lock files", () => {
  const files = [
    manifest({ dependencies: { a: "^2.0.0" }, devDependencies: { d: "1.0.0" } }),
    lock({
      "node_modules/a": { ...ENTRY, version: "2.0.0" },
      "node_modules/a/node_modules/deep": { version: "1.0.0" },
      "node_modules/@s/e": { version: "3.0.0" },
    }),
  ];
  expect(changedDependencies(files)).toEqual([
    { path: "package.json", name: "a", from: "^1.0.0", to: "^2.0.0" },
    { path: "package.json", name: "b", from: "2.x", to: null },
    { path: "package.json", name: "d (devDependencies)", from: null, to: "1.0.0" },
    { path: "package-lock.json", name: "@s/e", from: null, to: "3.0.0" },
    { path: "package-lock.json", name: "a", from: "1.0.0", to: "2.0.0" },
  ]);
});

test("more names that users import are flagged, other files behind known names block", () => {
  const exporting = (before: unknown, after: unknown) =>
    found(
      file("package.json", json({ ...BASE, exports: before }), json({ ...BASE, exports: after })),
    );
  const known = { ".": "./src/a.js" };
  const flagged = ["runner-config-unchanged: flag"];
  const blocked = ["runner-config-unchanged: block"];
  expect(exporting(known, { ...known, "./mix": "./src/mix.js" })).toEqual(flagged);
  expect(found(manifest({ version: "1.0.1" }))).toEqual(flagged);
  expect(exporting(known, { ".": "./src/b.js" })).toEqual(blocked);
  expect(exporting(known, { ...known, "./mix": "./test/mix.js" })).toEqual(blocked);
  expect(exporting({ "./*": "./src/*.js" }, { "./*": "./src/*.js", "./a": "./src/b.js" })).toEqual(
    blocked,
  );
  expect(exporting("./src/a.js", known)).toEqual(blocked);
});
