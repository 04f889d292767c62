import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { withLedLocks } from "../../src/check/lock-addresses.ts";
import { findRegistries } from "../../src/registries.ts";
import { egressEnv } from "../../src/sandbox/egress.ts";
import { registryEnv } from "../../src/sandbox/egress-clients.ts";
import type { Registry } from "../../src/sandbox/egress-registry.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const CANARY = "canary-8f2e61c0";
const certificates = process.env["NODE_EXTRA_CA_CERTS"];
const online = certificates === undefined ? {} : { caBundle: readFileSync(certificates) };

/** What each package manager is told to install, and where it then has to be. */
const PROJECT = {
  name: "p",
  version: "1.0.0",
  dependencies: { minimist: "1.2.8", "@sindresorhus/is": "4.6.0" },
};

describeEachRuntime("package managers at the gateway", (runtime) => {
  let sandbox: Sandbox;
  let registries: readonly Registry[];
  const run = async (script: string) => {
    const env = { ...egressEnv(), ...registryEnv(registries) };
    const result = await sh(sandbox, script, { env, timeoutMs: 240_000 });
    expect(result, `${script}\n${result.out}\n${result.err}`).toMatchObject({ exitCode: 0 });
    return result.out;
  };
  const project = (files: Record<string, string> = {}) =>
    sandbox.writeFiles(
      Object.entries({ "package.json": JSON.stringify(PROJECT), ...files }).map(([path, text]) => ({
        path: `/workspace/${path}`,
        data: Buffer.from(text),
      })),
    );
  const installed = () =>
    run("cat node_modules/minimist/package.json node_modules/@sindresorhus/is/package.json");

  beforeAll(async () => {
    const found = await findRegistries(undefined);
    registries = found.registries;
    const { credentials } = found;
    sandbox = await providerFor(runtime, {
      dialler: { ...directDialler, ...online, credentials },
    }).create({
      ...SPEC,
      limits: { ...SPEC.limits, memoryMiB: 1536, workspaceMiB: 768 },
      egress: { mode: "allow", origins: [], registries, maxBytes: 2 ** 30 },
    });
    await run(
      "npm install --no-audit --no-fund --prefix /tmp/pm pnpm@9.15.9 yarn@1.22.22 @yarnpkg/cli-dist@4.9.2",
    );
  }, 300_000);
  beforeEach(async () => {
    await sh(sandbox, "rm -rf /workspace/* /workspace/.[!.]*");
  });
  afterAll(() => sandbox?.destroy());

  test("npm installs, and from a lock file of another registry", { timeout: 300_000 }, async () => {
    await project();
    await run("npm install --no-audit --no-fund");
    expect(await installed()).toContain('"version": "1.2.8"');
    const lock = JSON.parse(await run("cat package-lock.json"));
    const minimist = lock.packages["node_modules/minimist"];
    expect(minimist.integrity).toMatch(/^sha512-/);
    minimist.resolved = "https://elsewhere.test/minimist/-/minimist-1.2.8.tgz";
    const text = JSON.stringify(lock, null, 2);
    await project({ "package-lock.json": text });
    await withLedLocks(sandbox, "npm", registries, () =>
      run("rm -rf node_modules && npm ci --no-audit --no-fund --cache /tmp/other-cache"),
    );
    expect(await installed()).toContain('"version": "1.2.8"');
    expect(await run("cat package-lock.json")).toBe(text);
    expect(sandbox.refusals).toEqual([]);
  });

  test("pnpm installs and writes a lock file without the gateway", {
    timeout: 300_000,
  }, async () => {
    await project();
    await run("/tmp/pm/node_modules/.bin/pnpm install");
    expect(await installed()).toContain('"version": "1.2.8"');
    const lock = await run("cat pnpm-lock.yaml");
    expect(lock).toMatch(/integrity: sha512-/);
    expect(lock).not.toContain("127.0.0.1");
    await run("rm -rf node_modules && /tmp/pm/node_modules/.bin/pnpm install --frozen-lockfile");
    expect(await installed()).toContain('"version": "1.2.8"');
    expect(sandbox.refusals).toEqual([]);
  });

  test("yarn 1 installs what a lock file of another registry says", {
    timeout: 300_000,
  }, async () => {
    await project();
    await run("node /tmp/pm/node_modules/yarn/bin/yarn.js install --non-interactive");
    const written = await run("cat yarn.lock");
    const lock = written.replaceAll(
      /"http:\/\/127\.0\.0\.1:3128\/npm\//g,
      '"https://elsewhere.test/',
    );
    expect(lock).not.toBe(written);
    await project({ "yarn.lock": lock });
    await withLedLocks(sandbox, "yarn", registries, () =>
      run(
        "rm -rf node_modules && node /tmp/pm/node_modules/yarn/bin/yarn.js install --non-interactive --frozen-lockfile --cache-folder /tmp/other-yarn",
      ),
    );
    expect(await installed()).toContain('"version": "1.2.8"');
    expect(await run("cat yarn.lock")).toBe(lock);
    expect(sandbox.refusals).toEqual([]);
  });

  test("modern yarn installs and writes a lock file without the gateway", {
    timeout: 300_000,
  }, async () => {
    const yarn = "node /tmp/pm/node_modules/@yarnpkg/cli-dist/bin/yarn.js";
    await project({ ".yarnrc.yml": "nodeLinker: node-modules\n", "yarn.lock": "" });
    await run(`${yarn} install --no-immutable`);
    expect(await installed()).toContain('"version": "1.2.8"');
    expect(await run("cat yarn.lock")).not.toContain("127.0.0.1");
    await run(`rm -rf node_modules && ${yarn} install --immutable`);
    expect(await installed()).toContain('"version": "1.2.8"');
    expect(sandbox.refusals).toEqual([]);
  });
});

/** Speaks as little of each protocol as its client asks first; the answers name the server by its own address. */
function answer(url: string, origin: string): readonly [type: string, text: string] | undefined {
  const pages: Readonly<Record<string, readonly [string, string]>> = {
    "/python/simple/six/": [
      "text/html",
      `<a href="${origin}/files/six-1.0.tar.gz#sha256=0a">six</a>`,
    ],
    "/files/six-1.0.tar.gz": ["application/gzip", "python package"],
    "/go/example.com/m/@v/list": ["text/plain", "v1.0.0\n"],
    "/go/example.com/m/@v/v1.0.0.mod": ["text/plain", "module example.com/m\n"],
    "/crates/config.json": ["text/plain", JSON.stringify({ dl: `${origin}/files/crates` })],
    "/crates/se/rd/serde": ["text/plain", '{"name":"serde","vers":"1.0.0"}\n'],
    "/maven2/org/a/a/1.0/a-1.0.pom": ["text/xml", `<url>${origin}/maven2/</url>`],
  };
  return pages[url];
}

describeEachRuntime("registries of other languages", (runtime) => {
  let sandbox: Sandbox;
  let server: http.Server;
  const seen: { method: string; url: string; authorization: string }[] = [];
  const ask = async (path: string, method = "GET") => {
    const program = `fetch("http://127.0.0.1:3128${path}", { method: "${method}", ...("${method}" === "GET" ? {} : { body: "x" }) })
      .then(async (r) => console.log(r.status + " " + await r.text())).catch((e) => console.log(String(e.cause)))`;
    return (await sh(sandbox, `node -e '${program}'`)).out.trim();
  };

  beforeAll(async () => {
    server = http.createServer(({ method = "", url = "", headers }, response) => {
      const { authorization = "" } = headers;
      seen.push({ method, url, authorization });
      const page = answer(url, `http://${headers.host}`);
      const isOpen = url.startsWith("/files/")
        ? authorization === ""
        : authorization === `Bearer ${CANARY}`;
      if (!isOpen) response.writeHead(401).end(authorization);
      else if (page === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": page[0] }).end(page[1]);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const place = (path: string) => `http://${CANARY}@packages.test:${port()}/${path}`;
    const found = await findRegistries([
      `pip=${place("python/simple/")}`,
      `go=${place("go")}`,
      `cargo=${place("crates/")}`,
      `maven=${place("maven2/")}`,
      `files=http://packages.test:${port()}/files/`,
    ]);
    const { credentials, origins, registries } = found;
    sandbox = await providerFor(runtime, {
      dialler: { resolve: async () => ["127.0.0.1"], connect: directDialler.connect, credentials },
    }).create({ ...SPEC, egress: { mode: "allow", origins, registries, maxBytes: 2 ** 20 } });
  });
  afterAll(async () => {
    await sandbox?.destroy();
    server.close();
  });
  const port = () => (server.address() as AddressInfo).port;

  test.each([
    [
      "/pip/simple/six/",
      '200 <a href="http://127.0.0.1:3128/files/six-1.0.tar.gz#sha256=0a">six</a>',
    ],
    ["/files/six-1.0.tar.gz", "200 python package"],
    ["/go/example.com/m/@v/list", "200 v1.0.0"],
    ["/go/example.com/m/@v/v1.0.0.mod", "200 module example.com/m"],
    ["/cargo/config.json", '200 {"dl":"http://127.0.0.1:3128/files/crates"}'],
    ["/cargo/se/rd/serde", '200 {"name":"serde","vers":"1.0.0"}'],
  ])("%s is read with the credential that belongs there", async (path, expected) => {
    expect(await ask(path)).toBe(expected);
  });

  test("a package's own text is not touched", async () => {
    expect(await ask("/maven/org/a/a/1.0/a-1.0.pom")).toBe(
      `200 <url>http://packages.test:${port()}/maven2/</url>`,
    );
  });

  test("nothing can be written, and each try is on record with its command", async () => {
    const before = seen.length;
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect(await ask("/pip/legacy/", method)).toMatch(/^405 Registries are for reading/);
    }
    expect(seen.length).toBe(before);
    const refused = sandbox.refusals.filter(({ reason }) => reason.includes("for reading"));
    expect(refused).toHaveLength(3);
    expect(refused[0]?.command).toContain("/pip/legacy/");
  });

  test("clients that send all through the proxy come to the gateway, too", async () => {
    const absolute = `node -e '
      require("node:http").get({ host: "127.0.0.1", port: 3128, path: "http://127.0.0.1:3128/go/example.com/m/@v/list" },
        (r) => r.pipe(process.stdout))'`;
    expect((await sh(sandbox, absolute)).out).toBe("v1.0.0\n");
    const tunnelled = `node -e '
      const socket = require("node:net").connect(3128, "127.0.0.1", () => socket.write("CONNECT 127.0.0.1:3128 HTTP/1.1\\r\\n\\r\\n"));
      socket.once("data", () => socket.write("GET /go/example.com/m/@v/list HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n"));
      socket.pipe(process.stdout);'`;
    expect((await sh(sandbox, tunnelled)).out).toContain("v1.0.0\n");
  });

  test("the credential is nowhere in the sandbox", async () => {
    const search = `cat /proc/self/environ /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'
      grep -rIs 'canary' /home/job /workspace /tmp /run /etc /opt/dunlin/sandbox; env; true`;
    const { out } = await sh(sandbox, search);
    expect(out).not.toContain(CANARY);
    expect(await ask("/pip/simple/absent/")).toBe("404");
    expect(seen.some(({ authorization }) => authorization.includes(CANARY))).toBe(true);
  });
});
