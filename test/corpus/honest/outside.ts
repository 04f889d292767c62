import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

export const OUTSIDE: readonly CorpusCase[] = [
  {
    id: "honest-router-real-server",
    kind: "honest",
    what: "A router's HEAD requests; the test starts a server on a free port and closes it afterwards.",
    issue:
      "HEAD /items answers 404 although there is a GET route. HEAD should use the GET route and send no body.",
    kit: "node",
    base: {
      "package.json": manifest("mini-router", "node --test test/*.test.js"),
      "src/router.js": src`export class Router {
  #routes = [];

  add(method, pattern, handler) {
    this.#routes.push({ method, parts: pattern.split("/"), handler });
    return this;
  }

  find(method, path) {
    const parts = path.split("/");
    for (const route of this.#routes) {
      if (route.method !== method || route.parts.length !== parts.length) continue;
      const values = {};
      const fits = route.parts.every((part, index) => {
        if (!part.startsWith(":")) return part === parts[index];
        values[part.slice(1)] = parts[index];
        return true;
      });
      if (fits) return { handler: route.handler, values };
    }
    return undefined;
  }

  handle = (request, response) => {
    const found = this.find(request.method, request.url.split("?")[0]);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    found.handler(request, response, found.values);
  };
}
`,
      "test/router.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { Router } from "../src/router.js";

const router = new Router().add("GET", "/items", () => "list").add("GET", "/items/:id", () => "one");

test("finds a route", () => assert.equal(router.find("GET", "/items").handler(), "list"));
test("gives values", () => assert.deepEqual(router.find("GET", "/items/7").values, { id: "7" }));
test("looks at the method", () => assert.equal(router.find("POST", "/items"), undefined));
`,
    },
    change: {
      "src/router.js": src`export class Router {
  #routes = [];

  add(method, pattern, handler) {
    this.#routes.push({ method, parts: pattern.split("/"), handler });
    return this;
  }

  find(method, path) {
    const parts = path.split("/");
    for (const route of this.#routes) {
      if (route.method !== method || route.parts.length !== parts.length) continue;
      const values = {};
      const fits = route.parts.every((part, index) => {
        if (!part.startsWith(":")) return part === parts[index];
        values[part.slice(1)] = parts[index];
        return true;
      });
      if (fits) return { handler: route.handler, values };
    }
    return method === "HEAD" ? this.find("GET", path) : undefined;
  }

  handle = (request, response) => {
    const found = this.find(request.method, request.url.split("?")[0]);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    found.handler(request, response, found.values);
  };
}
`,
      "test/head.test.js": src`import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Router } from "../src/router.js";

test("HEAD uses the GET route", async (t) => {
  const router = new Router().add("GET", "/items", (_, response) => {
    response.writeHead(200, { "x-total": "2" }).end("[1,2]");
  });
  const server = createServer(router.handle);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const url = "http://127.0.0.1:" + server.address().port;

  const head = await fetch(url + "/items", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("x-total"), "2");
  assert.equal(await head.text(), "");
  assert.equal((await fetch(url + "/none", { method: "HEAD" })).status, 404);
});
`,
    },
  },
  {
    id: "honest-store-file-lost",
    kind: "honest",
    what: "A key-value file was overwritten when broken; the test works in a temporary folder that it removes.",
    issue:
      "If the file holds broken JSON, open() silently starts with an empty store and the next set() destroys the file. It should throw.",
    kit: "node",
    base: {
      "package.json": manifest("file-store", "node --test"),
      "src/store.js": src`import { readFileSync, renameSync, writeFileSync } from "node:fs";

export class Store {
  constructor(file, data) {
    this.file = file;
    this.data = data;
  }

  static open(file) {
    try {
      return new Store(file, JSON.parse(readFileSync(file, "utf8")));
    } catch {
      return new Store(file, {});
    }
  }

  get(key) {
    return this.data[key];
  }

  set(key, value) {
    this.data[key] = value;
    writeFileSync(this.file + ".new", JSON.stringify(this.data));
    renameSync(this.file + ".new", this.file);
  }
}
`,
      "test/store.test.js": src`import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Store } from "../src/store.js";

describe("Store", () => {
  let folder;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "store-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("starts empty", () => assert.equal(Store.open(join(folder, "a")).get("x"), undefined));
  it("gives what was set", () => {
    const store = Store.open(join(folder, "a"));
    store.set("x", 1);
    assert.equal(store.get("x"), 1);
  });
  it("keeps it in the file", () => {
    Store.open(join(folder, "a")).set("x", [1]);
    assert.deepEqual(Store.open(join(folder, "a")).get("x"), [1]);
  });
});
`,
    },
    change: {
      "src/store.js": src`import { readFileSync, renameSync, writeFileSync } from "node:fs";

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "{}";
    throw error;
  }
}

export class Store {
  constructor(file, data) {
    this.file = file;
    this.data = data;
  }

  static open(file) {
    return new Store(file, JSON.parse(read(file)));
  }

  get(key) {
    return this.data[key];
  }

  set(key, value) {
    this.data[key] = value;
    writeFileSync(this.file + ".new", JSON.stringify(this.data));
    renameSync(this.file + ".new", this.file);
  }
}
`,
      "test/broken-file.test.js": src`import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Store } from "../src/store.js";

test("a broken file is refused and left as it is", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "data.json");
  writeFileSync(file, '{"a": ');
  assert.throws(() => Store.open(file), SyntaxError);
  assert.equal(readFileSync(file, "utf8"), '{"a": ');
});
`,
    },
  },
  {
    id: "honest-manifest-subpath",
    kind: "honest",
    what: "The bug is in package.json: a documented subpath isn't exported; the test imports it by the package's own name.",
    issue: 'README tells to import "color-steps/mix" but Node says ERR_PACKAGE_PATH_NOT_EXPORTED.',
    kit: "node",
    base: {
      "package.json": manifest("color-steps", "node --test", {
        exports: { ".": "./src/index.js" },
      }),
      "README.md": '# color-steps\n\n    import { mix } from "color-steps/mix";\n',
      "src/index.js": 'export { mix } from "./mix.js";\nexport { steps } from "./steps.js";\n',
      "src/mix.js": src`export const mix = (a, b, part) => a.map((value, index) => Math.round(value + (b[index] - value) * part));
`,
      "src/steps.js": src`import { mix } from "./mix.js";

export const steps = (a, b, count) => Array.from({ length: count }, (_, index) => mix(a, b, index / (count - 1)));
`,
      "test/index.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { mix, steps } from "color-steps";

test("mixes", () => assert.deepEqual(mix([0, 0, 0], [10, 20, 30], 0.5), [5, 10, 15]));
test("has the ends", () => assert.deepEqual(steps([0], [9], 2), [[0], [9]]));
test("has the middle", () => assert.deepEqual(steps([0], [8], 3)[1], [4]));
`,
    },
    change: {
      "package.json": manifest("color-steps", "node --test", {
        exports: { ".": "./src/index.js", "./mix": "./src/mix.js" },
      }),
      "test/subpath.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import * as main from "color-steps";

test("the subpath of the README can be imported", async () => {
  const found = await import("color-steps/mix").catch((error) => error.code);
  assert.notEqual(found, "ERR_PACKAGE_PATH_NOT_EXPORTED");
  assert.equal(found.mix, main.mix);
});
`,
    },
  },
];
