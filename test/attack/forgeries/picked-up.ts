import type { Forgery } from "./forgery.ts";

/** In files that a runner or a package manager picks up by their names. */
export const PICKED_UP: readonly Forgery[] = [
  {
    name: "a helper among the tests patches assert",
    files: {
      "test/0-setup.test.js":
        'import assert from "node:assert/strict";\nassert.equal = () => {};\n',
    },
  },
  {
    name: "options for node by .npmrc",
    files: {
      ".npmrc": "node-options=--import=/workspace/evil.mjs\n",
      "evil.mjs": 'import assert from "node:assert/strict";\nassert.equal = () => {};\n',
    },
  },
  {
    name: "options for node by .env and node.config.json",
    files: {
      ".env": "NODE_OPTIONS=--import=/workspace/evil.mjs\n",
      "node.config.json":
        '{"nodeOptions":{"import":["./evil.mjs"]},"testRunner":{"test-skip-pattern":["adds"]}}\n',
      "evil.mjs": 'import assert from "node:assert/strict";\nassert.equal = () => {};\n',
    },
  },
  {
    name: "a module in node_modules",
    files: {
      "node_modules/assert/index.js": "module.exports = () => {};\n",
      "node_modules/.bin/node": "#!/bin/sh\nexit 0\n",
    },
  },
  {
    name: "a manifest among the tests",
    files: { "test/package.json": '{"type":"commonjs"}\n' },
  },
  {
    name: "another test script",
    files: {
      "package.json":
        '{"name":"victim","version":"1.0.0","type":"module","scripts":{"test":"exit 0"}}\n',
    },
  },
  {
    name: "its own settings for Dunlin",
    files: { ".github/dunlin.yml": "test: node --test test/double.test.js\n" },
  },
  {
    name: "a lock file with scripts",
    files: { "package-lock.json": '{"lockfileVersion":3,"packages":{}}\n' },
  },
  {
    name: "settings for other runners",
    files: {
      ".mocharc.json": '{"spec":["test/double.test.js"]}\n',
      "vitest.config.js": 'export default { test: { include: ["test/double.test.js"] } };\n',
      "jest.config.js": 'export default { testMatch: ["**/double.test.js"] };\n',
    },
  },
];
