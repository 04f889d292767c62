import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "mocha", more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", ...more, scripts: { test } }, null, 2) + "\n";

export const MOCHA_SYSTEM: readonly CorpusCase[] = [
  {
    id: "honest-mocha-walk-hooks",
    kind: "honest",
    what: "Uses beforeEach and afterEach with a temporary folder; hidden folders are skipped now as documented.",
    issue:
      "walk(folder) goes into folders such as .git although its docs say that hidden folders are left out.",
    kit: "mocha",
    base: {
      "package.json": manifest("walk-files"),
      "README.md":
        "# walk-files\n\nLists files below a folder, sorted, hidden files and folders left out.\n",
      "index.js": src`"use strict";
const { readdirSync } = require("node:fs");
const { join } = require("node:path");

module.exports = function walk(folder, prefix = "") {
  const files = [];
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === "" ? entry.name : prefix + "/" + entry.name;
    if (entry.isDirectory()) files.push(...walk(folder, path));
    else if (!entry.name.startsWith(".")) files.push(path);
  }
  return files.sort();
};
`,
      "test/walk.js": src`"use strict";
const assert = require("node:assert");
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const walk = require("..");

describe("walk", () => {
  let folder;
  const put = (path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  };
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "walk-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds nothing", () => assert.deepStrictEqual(walk(folder), []));
  it("goes down and sorts", () => {
    ["b", "a/z", "a/c/d"].forEach(put);
    assert.deepStrictEqual(walk(folder), ["a/c/d", "a/z", "b"]);
  });
  it("leaves hidden files out", () => {
    [".x", "y"].forEach(put);
    assert.deepStrictEqual(walk(folder), ["y"]);
  });
});
`,
    },
    change: {
      "index.js": src`"use strict";
const { readdirSync } = require("node:fs");
const { join } = require("node:path");

module.exports = function walk(folder, prefix = "") {
  const files = [];
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = prefix === "" ? entry.name : prefix + "/" + entry.name;
    if (entry.isDirectory()) files.push(...walk(folder, path));
    else files.push(path);
  }
  return files.sort();
};
`,
      "test/walk.js": src`"use strict";
const assert = require("node:assert");
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const walk = require("..");

describe("walk", () => {
  let folder;
  const put = (path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  };
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "walk-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds nothing", () => assert.deepStrictEqual(walk(folder), []));
  it("goes down and sorts", () => {
    ["b", "a/z", "a/c/d"].forEach(put);
    assert.deepStrictEqual(walk(folder), ["a/c/d", "a/z", "b"]);
  });
  it("leaves hidden files out", () => {
    [".x", "y"].forEach(put);
    assert.deepStrictEqual(walk(folder), ["y"]);
  });
  it("leaves hidden folders out", () => {
    [".git/config", "a/.cache/b", "a/c"].forEach(put);
    assert.deepStrictEqual(walk(folder), ["a/c"]);
  });
});
`,
    },
  },
  {
    id: "honest-mocha-throttle-slow",
    kind: "honest",
    what: "The test uses real time with this.timeout() of its own; the trailing call of throttle() was lost.",
    issue:
      "throttle() drops the last call of a burst. It should run once more at the end of the interval.",
    kit: "mocha",
    base: {
      "package.json": manifest("throttle-calls"),
      "throttle.js": src`"use strict";

module.exports = function throttle(run, interval) {
  let next = 0;
  return (...values) => {
    const now = performance.now();
    if (now < next) return;
    next = now + interval;
    run(...values);
  };
};
`,
      "test/throttle.js": src`"use strict";
const assert = require("node:assert");
const throttle = require("../throttle");

describe("throttle", () => {
  it("runs the first call at once", () => {
    const seen = [];
    throttle((value) => seen.push(value), 50)("a");
    assert.deepStrictEqual(seen, ["a"]);
  });

  it("holds back what follows", () => {
    const seen = [];
    const call = throttle((value) => seen.push(value), 100);
    call(1);
    call(2);
    assert.deepStrictEqual(seen, [1]);
  });

  it("passes all values", () => {
    let got;
    throttle((...values) => { got = values; }, 5)(1, 2);
    assert.deepStrictEqual(got, [1, 2]);
  });
});
`,
    },
    change: {
      "throttle.js": src`"use strict";

module.exports = function throttle(run, interval) {
  let next = 0;
  let timer;
  let latest;
  const fire = () => {
    timer = undefined;
    next = performance.now() + interval;
    run(...latest);
  };
  return (...values) => {
    latest = values;
    if (timer !== undefined) return;
    const wait = next - performance.now();
    if (wait <= 0) fire();
    else timer = setTimeout(fire, wait);
  };
};
`,
      "test/trailing.js": src`"use strict";
const assert = require("node:assert");
const { setTimeout: sleep } = require("node:timers/promises");
const throttle = require("../throttle");

describe("the end of a burst", function () {
  this.timeout(8000);
  this.slow(4000);

  it("runs once more with the last values", async () => {
    const seen = [];
    const call = throttle((value) => seen.push(value), 700);
    for (const value of [1, 2, 3]) call(value);
    assert.deepStrictEqual(seen, [1]);
    await sleep(1500);
    assert.deepStrictEqual(seen, [1, 3]);
  });
});
`,
    },
  },
];
