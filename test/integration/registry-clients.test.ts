import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findRegistries } from "../../src/registries.ts";
import { egressEnv } from "../../src/sandbox/egress.ts";
import { registryEnv, registryFiles } from "../../src/sandbox/egress-clients.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { zipOf } from "../fakes/zip.ts";
import { describeEachRuntime, providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const CANARY = "canary-41c7e9";

const WHEEL = zipOf({
  "hello.py": 'print("hello from pip")\n',
  "hello-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n",
  "hello-1.0.dist-info/WHEEL":
    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  "hello-1.0.dist-info/RECORD": "hello.py,,\n",
});
const MODULE = zipOf({
  "example.test/hello@v1.0.0/go.mod": "module example.test/hello\n",
  "example.test/hello@v1.0.0/hello.go":
    'package hello\n\nfunc Hello() string { return "hello from go" }\n',
});
const CRATE = await crateOf({
  "hello-1.0.0/Cargo.toml": '[package]\nname = "hello"\nversion = "1.0.0"\nedition = "2021"\n',
  "hello-1.0.0/src/lib.rs": 'pub fn hello() -> &\'static str { "hello from cargo" }\n',
});
const PARENT = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId><artifactId>hello</artifactId><version>1.0</version><packaging>pom</packaging></project>`;

async function crateOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

/** What each client asks for, as its registry would give it; the files lie beside it, for everybody. */
function pagesAt(origin: string): Readonly<Record<string, readonly [string, string | Buffer]>> {
  const link = `<a href="${origin}/files/hello-1.0-py3-none-any.whl#sha256=${sha256(WHEEL)}">x</a>`;
  const crate = { name: "hello", vers: "1.0.0", deps: [], cksum: sha256(CRATE), features: {} };
  return {
    "/python/simple/hello/": ["text/html", `<html><body>${link}</body></html>`],
    "/files/hello-1.0-py3-none-any.whl": ["application/octet-stream", WHEEL],
    "/go/example.test/hello/@v/v1.0.0.info": ["application/json", '{"Version":"v1.0.0"}'],
    "/go/example.test/hello/@v/v1.0.0.mod": ["text/plain", "module example.test/hello\n"],
    "/go/example.test/hello/@v/v1.0.0.zip": ["application/zip", MODULE],
    "/index/config.json": ["application/json", JSON.stringify({ dl: `${origin}/files/crates` })],
    "/index/he/ll/hello": ["text/plain", `${JSON.stringify({ ...crate, yanked: false })}\n`],
    "/files/crates/hello/1.0.0/download": ["application/gzip", CRATE],
    "/maven2/example/hello/1.0/hello-1.0.pom": ["text/xml", PARENT],
  };
}

/** The images of these build in minutes, pip's in one; TEST_IMAGES=all takes them all, as in `images.test.ts`. */
const all = process.env["TEST_IMAGES"] === "all";

type Client = readonly [
  name: string,
  image: string,
  files: Readonly<Record<string, string>>,
  command: string,
  expected: string,
];

const CLIENTS: readonly Client[] = [
  [
    "pip",
    "python",
    {},
    "python3 -m pip install --no-deps --target /tmp/x hello==1.0 && PYTHONPATH=/tmp/x python3 -m hello",
    "hello from pip",
  ],
  [
    "go",
    "go",
    {
      "go.mod": "module m\n\ngo 1.19\n\nrequire example.test/hello v1.0.0\n",
      "main.go":
        'package main\n\nimport "example.test/hello"\n\nfunc main() { println(hello.Hello()) }\n',
    },
    "GONOSUMDB=example.test GOFLAGS=-mod=mod go run . 2>&1",
    "hello from go",
  ],
  [
    "cargo",
    "rust",
    {
      "Cargo.toml":
        '[package]\nname = "m"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nhello = "1"\n',
      "src/main.rs": 'fn main() { println!("{}", hello::hello()); }\n',
    },
    "cargo run -q",
    "hello from cargo",
  ],
  [
    "maven",
    "java",
    {
      "pom.xml": PARENT.replace(
        "<groupId>",
        "<parent><groupId>example</groupId><artifactId>hello</artifactId><version>1.0</version><relativePath/></parent><groupId>",
      ).replace(
        "<artifactId>hello</artifactId><version>1.0</version><packaging>",
        "<artifactId>m</artifactId><version>1</version><packaging>",
      ),
    },
    "mvn -B validate",
    "BUILD SUCCESS",
  ],
];

describeEachRuntime("clients of other languages at the gateway", (runtime) => {
  const seen: string[] = [];
  let server: http.Server;
  let found: Awaited<ReturnType<typeof findRegistries>>;

  beforeAll(async () => {
    server = http.createServer(({ method, url = "", headers }, response) => {
      const authorization = headers.authorization ?? "none";
      seen.push(`${method} ${url} ${authorization}`);
      const page = pagesAt(`http://${headers.host}`)[url];
      const wanted = url.startsWith("/files/") ? "none" : `Bearer ${CANARY}`;
      if (authorization !== wanted) response.writeHead(401).end();
      else if (page === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": page[0] }).end(page[1]);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const host = `packages.test:${(server.address() as AddressInfo).port}`;
    found = await findRegistries([
      ...["pip=python/simple/", "go=go/", "cargo=index/", "maven=maven2/"].map((entry) =>
        entry.replace("=", `=http://${CANARY}@${host}/`),
      ),
      `files=http://${host}/files/`,
    ]);
  });
  beforeEach(() => void seen.splice(0));
  afterAll(() => void server.close());

  /** A sandbox that is set up as the set-up phase would do it. */
  async function open(image: string, files: Readonly<Record<string, string>>): Promise<Sandbox> {
    const { credentials, origins, registries } = found;
    const dialler = {
      resolve: async () => ["127.0.0.1"],
      connect: directDialler.connect,
      credentials,
    };
    const sandbox = await providerFor(runtime, { dialler }).create({
      ...SPEC,
      image,
      limits: { ...SPEC.limits, memoryMiB: 1024 },
      egress: { mode: "allow", origins, registries, maxBytes: 2 ** 26 },
    });
    const home = registryFiles(registries).map(({ path, text }) => [`/home/job/${path}`, text]);
    const own = Object.entries(files).map(([path, text]) => [`/workspace/${path}`, text]);
    await sandbox.writeFiles(
      [...home, ...own].map(([path = "", text = ""]) => ({ path, data: Buffer.from(text) })),
    );
    return sandbox;
  }

  test.each(CLIENTS.filter(([, image]) => all || image === "python"))(
    "%s installs, and its credential stays outside",
    { timeout: 1_800_000 },
    async (_, image, files, command, expected) => {
      await using sandbox = await open(image, files);
      const env = { ...egressEnv(), ...registryEnv(found.registries) };
      const { out, err, exitCode } = await sh(sandbox, command, { env, timeoutMs: 300_000 });
      expect([exitCode, out], `${out}\n${err}\n${seen.join("\n")}`).toEqual([
        0,
        expect.stringContaining(expected),
      ]);
      expect(seen.some((line) => line.endsWith(`Bearer ${CANARY}`))).toBe(true);
      expect(seen.every((line) => /^(?:GET|HEAD) /.test(line))).toBe(true);
      const everywhere =
        "env; grep -rIs canary /home/job /workspace /tmp; cat /proc/[0-9]*/environ; true";
      expect((await sh(sandbox, everywhere, { env })).out).not.toContain(CANARY);
    },
  );
});
