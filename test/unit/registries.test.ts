import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { findRegistries } from "../../src/registries.ts";

it("takes each place apart, and keeps credentials beside the addresses, never in them", async () => {
  const { registries, origins, credentials, secrets } = await findRegistries([
    "https://reader:canary%2Bone@packages.test/npm",
    "npm@acme=https://canary-two@other.test/",
    "pip=https://python.test/root/simple/",
    "files=http://files.test:8080/a//",
    "files=https://more.test",
    "connect=Downloads.test:443",
  ]);
  expect(registries).toEqual([
    { name: "npm", kind: "npm", url: "https://packages.test/npm/" },
    { name: "npm-2", kind: "npm", url: "https://other.test/", scope: "@acme" },
    { name: "pip", kind: "pip", url: "https://python.test/root/", entry: "simple/" },
    { name: "files", kind: "files", url: "http://files.test:8080/a/" },
    { name: "files-2", kind: "files", url: "https://more.test/" },
  ]);
  expect(origins).toEqual(["downloads.test:443"]);
  const basic = Buffer.from("reader:canary+one").toString("base64");
  expect(credentials).toEqual([
    { url: "https://packages.test/npm/", authorization: `Basic ${basic}` },
    { url: "https://other.test/", authorization: "Bearer canary-two" },
  ]);
  expect(secrets).toEqual(["canary+one", basic, "canary-two"]);
});

it.each([
  "ftp://reader:canary@packages.test",
  "pip=reader:canary",
  "gems=https://x.test",
  "pip@a=https://x.test",
  "connect=https://x.test",
  "connect=example.org:99999",
])("names what is no place, without its credential: %s", async (entry) => {
  const wrong = findRegistries([entry]);
  await expect(wrong).rejects.toMatchObject({ kind: "invalid-request", code: "registry" });
  if (entry.includes("//")) await expect(wrong).rejects.not.toThrow("canary");
});

it("reads npm's own settings: its registry, scopes and credentials", async () => {
  const folder = await mkdtemp(join(tmpdir(), "npmrc-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const userconfig = join(folder, ".npmrc");
  await writeFile(
    userconfig,
    `registry=https://packages.test/npm/
@acme:registry = "https://acme.test/"
; //packages.test/:_authToken=commented-out
//packages.test/npm/:_authToken=\${CANARY}
//packages.test/:_auth=outer
//acme.test/:username=reader
//acme.test/:_password=${Buffer.from("acme-canary").toString("base64")}
`,
  );
  vi.stubEnv("npm_config_userconfig", userconfig);
  vi.stubEnv("npm_config_registry", undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const found = await findRegistries(undefined, { CANARY: "npm-canary" });
  expect(found.registries).toEqual([
    { name: "npm", kind: "npm", url: "https://packages.test/npm/" },
    { name: "npm-2", kind: "npm", url: "https://acme.test/", scope: "@acme" },
  ]);
  const basic = Buffer.from("reader:acme-canary").toString("base64");
  expect(found.credentials).toEqual([
    { url: "https://packages.test/npm/", authorization: "Bearer npm-canary" },
    { url: "https://acme.test/", authorization: `Basic ${basic}` },
  ]);
  expect(found.origins).toEqual([]);
});
