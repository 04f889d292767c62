import fc from "fast-check";
import { expect, test } from "vitest";
import { createAddressRewriter } from "../../../src/sandbox/egress-addresses.ts";
import { registryEnv, registryFiles } from "../../../src/sandbox/egress-clients.ts";
import {
  answeredHeaders,
  askedHeaders,
  credentialFor,
  decideRedirect,
  decideRegistryRequest,
  holdsAddresses,
  type Registry,
} from "../../../src/sandbox/egress-registry.ts";

const npm: Registry = { name: "npm", kind: "npm", url: "https://packages.test/npm/" };
const files: Registry = { name: "files", kind: "files", url: "https://files.test/" };
const registries = [npm, files];
const ask = (path: string, method = "GET") => decideRegistryRequest(registries, { method, path });

test("a path below a registry's folder becomes an address below that registry", () => {
  expect(ask("/npm/@a%2fb?write=no")).toEqual({
    allowed: true,
    registry: npm,
    url: "https://packages.test/npm/@a%2fb?write=no",
  });
  expect(ask("/npm")).toMatchObject({ url: "https://packages.test/npm/" });
  expect(ask("/files/x.tgz", "HEAD")).toMatchObject({ url: "https://files.test/x.tgz" });
});

test.each(["POST", "PUT", "DELETE", "PATCH", "CONNECT", "OPTIONS"])("%s is refused", (method) => {
  expect(ask("/npm/a", method)).toMatchObject({ allowed: false, status: 405 });
});

test.each([
  ["/npm/../other", 403],
  ["/npm/%2e%2e/other", 403],
  ["/npm/a/..%2f..%2fother", 403],
  ["/npm/a/%252e%252e%252fother", 403],
  ["/npm/a\\..\\..\\other", 403],
  ["/other/a", 404],
  ["/npmx/a", 404],
  ["//npm/a", 404],
  ["/", 404],
  ["/http://evil.test/", 404],
])("%s leads nowhere", (path, status) => {
  expect(ask(path)).toMatchObject({ allowed: false, status });
});

test("no path leads out of its registry", () => {
  fc.assert(
    fc.property(fc.webPath(), fc.string(), (path, text) => {
      for (const one of [`/npm/${path}`, `/npm/${text}`, `/npm${text}`]) {
        const decision = ask(one);
        if (!decision.allowed) continue;
        expect(decision.url.startsWith(decision.registry.url)).toBe(true);
        expect(new URL(decision.url).username).toBe("");
      }
    }),
  );
});

test("a redirect is followed to what is listed and nowhere else", () => {
  const from = "https://packages.test/npm/a";
  expect(decideRedirect(registries, from, "/npm/b")).toMatchObject({ registry: npm });
  expect(decideRedirect(registries, from, "https://files.test/a.tgz")).toMatchObject({
    url: "https://files.test/a.tgz",
  });
  for (const there of [
    "/elsewhere",
    "http://files.test/a.tgz",
    "https://files.test:8443/",
    "https://files.test@evil.test/",
    "https://evil.test/",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "http://[",
  ]) {
    expect(decideRedirect(registries, from, there), there).toMatchObject({ allowed: false });
  }
});

test("a credential goes below its own prefix only, the nearest one", () => {
  const credentials = [
    { url: "https://packages.test/", authorization: "Bearer outer" },
    { url: "https://packages.test/npm/", authorization: "Bearer inner" },
  ];
  expect(credentialFor(credentials, "https://packages.test/npm/a")).toBe("Bearer inner");
  expect(credentialFor(credentials, "https://packages.test/a")).toBe("Bearer outer");
  expect(credentialFor(credentials, "https://packages.test.evil/npm/a")).toBeUndefined();
  expect(credentialFor(credentials, "http://packages.test/npm/a")).toBeUndefined();
});

test("neither side's headers pass but for a few", () => {
  const asked = askedHeaders({
    authorization: "Bearer made-up",
    cookie: "a=b",
    accept: "application/json",
    "accept-encoding": "br, gzip",
    "user-agent": "npm\r\nx: y",
  });
  expect(asked).toEqual({ accept: "application/json", "accept-encoding": "gzip" });
  const answered = answeredHeaders({
    "set-cookie": ["a=b"],
    location: "https://evil.test",
    "www-authenticate": "Basic",
    etag: '"1"',
  });
  expect(answered).toEqual({ etag: '"1"' });
});

const PACKUMENT = JSON.stringify({
  homepage: "https://packages.test/npm2/a",
  dist: {
    tarball: "https://packages.test/npm/a/-/a-1.0.0.tgz",
    integrity: "sha512-https//packages.test+npm==",
    other: "https://elsewhere.test/npm/a.tgz",
  },
  old: "http://packages.test/npm/b/-/b-1.0.0.tgz",
  escaped: "@@",
  index: "https://packages.test/npm",
  far: "https://files.test/a.tgz#sha256=0",
}).replace("@@", "https:\\/\\/packages.test\\/npm\\/c");

test("addresses lead to the gateway however the text is cut, and nothing else changes", () => {
  const expected = PACKUMENT.replace("https://packages.test/npm/a/", "http://127.0.0.1:3128/npm/a/")
    .replace("http://packages.test/npm/b/", "http://127.0.0.1:3128/npm/b/")
    .replace("https:\\/\\/packages.test\\/npm\\/c", "http:\\/\\/127.0.0.1:3128\\/npm\\/c")
    .replace('"https://packages.test/npm"', '"http://127.0.0.1:3128/npm"')
    .replace("https://files.test/a", "http://127.0.0.1:3128/files/a");
  expect(expected).not.toBe(PACKUMENT);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (sizes) => {
      const rewriter = createAddressRewriter(registries);
      let rest = PACKUMENT;
      let out = "";
      for (const size of sizes) {
        out += rewriter.push(rest.slice(0, size));
        rest = rest.slice(size);
      }
      out += rewriter.push(rest) + rewriter.end();
      expect(out).toBe(expected);
    }),
  );
});

test("only what clients follow is rewritten, never a package", () => {
  const pip: Registry = { name: "pip", kind: "pip", url: "https://p.test/", entry: "simple/" };
  const cargo: Registry = { name: "cargo", kind: "cargo", url: "https://c.test/" };
  expect(holdsAddresses(npm, npm.url, "application/vnd.npm.install-v1+json")).toBe(true);
  expect(holdsAddresses(npm, npm.url, "application/octet-stream")).toBe(false);
  expect(holdsAddresses(pip, pip.url, "text/html; charset=utf-8")).toBe(true);
  expect(holdsAddresses(cargo, "https://c.test/config.json", "")).toBe(true);
  expect(holdsAddresses(cargo, "https://c.test/se/rd/serde", "application/json")).toBe(false);
  expect(holdsAddresses(files, files.url, "application/json")).toBe(false);
});

test("each package manager is led to the gateway, and none hears of an address outside", () => {
  const all: Registry[] = [
    npm,
    { name: "npm-2", kind: "npm", url: "https://acme.test/", scope: "@acme" },
    { name: "npm-3", kind: "npm", url: "https://second.test/" },
    { name: "pip", kind: "pip", url: "https://p.test/root/", entry: "simple/" },
    { name: "go", kind: "go", url: "https://g.test/" },
    { name: "cargo", kind: "cargo", url: "https://c.test/" },
    { name: "maven", kind: "maven", url: "https://m.test/maven2/" },
  ];
  const env = registryEnv(all);
  const told = Object.fromEntries(registryFiles(all).map(({ path, text }) => [path, text]));
  expect(env).toMatchObject({
    npm_config_registry: "http://127.0.0.1:3128/npm/",
    pnpm_config_registry: "http://127.0.0.1:3128/npm/",
    YARN_NPM_REGISTRY_SERVER: "http://127.0.0.1:3128/npm/",
    PIP_INDEX_URL: "http://127.0.0.1:3128/pip/simple/",
    GOPROXY: "http://127.0.0.1:3128/go",
  });
  expect(told[".npmrc"]).toBe("@acme:registry=http://127.0.0.1:3128/npm-2/\n");
  expect(told[".cargo/config.toml"]).toContain("sparse+http://127.0.0.1:3128/cargo/");
  expect(told[".m2/settings.xml"]).toContain("<url>http://127.0.0.1:3128/maven/</url>");
  expect(JSON.stringify([env, told])).not.toContain(".test");
  expect([registryEnv([files]), registryFiles([files])]).toEqual([{}, []]);
});
