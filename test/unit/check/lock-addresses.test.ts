import { expect, test } from "vitest";
import { leadBack, leadToGateway, withLedLocks } from "../../../src/check/lock-addresses.ts";
import type { Registry } from "../../../src/sandbox/egress-registry.ts";
import { createLocalSandbox } from "../../fakes/local-sandbox.ts";

const registries: readonly Registry[] = [
  { name: "npm", kind: "npm", url: "https://packages.test/repository/npm/" },
  { name: "npm-2", kind: "npm", url: "https://acme.test/", scope: "@acme" },
];
const GATE = "http://127.0.0.1:3128";

test.each([
  ["https://packages.test/repository/npm/a/-/a-1.0.0.tgz", `${GATE}/npm/a/-/a-1.0.0.tgz`],
  ["https://elsewhere.test/a/-/a-1.0.0.tgz", `${GATE}/npm/a/-/a-1.0.0.tgz`],
  ["http://elsewhere.test:81/x/y/@s/a/-/a-1.0.0.tgz", `${GATE}/npm/@s/a/-/a-1.0.0.tgz`],
  ["https://elsewhere.test/@s%2fa/-/a-1.tgz#0a1b", `${GATE}/npm/@s%2fa/-/a-1.tgz#0a1b`],
  ["https://acme.test/download/@acme/a/1.0.0/0a1b", `${GATE}/npm-2/download/@acme/a/1.0.0/0a1b`],
])("%s leads to the gateway and back", (address, there) => {
  const text = `{"resolved": "${address}", "integrity": "sha512-x"}`;
  const led = leadToGateway(text, registries);
  expect(led.text).toBe(text.replace(address, there));
  expect(leadBack(led.text, led.before, registries)).toBe(text);
});

test.each([
  "https://elsewhere.test/a.tgz",
  "git+ssh://git@elsewhere.test/a.git",
  "https://elsewhere.test/sponsor/-/page",
])("%s stays", (address) => {
  expect(leadToGateway(`resolved "${address}"`, registries).text).toContain(`"${address}"`);
});

test("an address that the installation wrote becomes the registry's own", () => {
  const text = `"${GATE}/npm/b/-/b-2.0.0.tgz" "${GATE}/other/b"`;
  expect(leadBack(text, new Map(), registries)).toBe(
    `"https://packages.test/repository/npm/b/-/b-2.0.0.tgz" "${GATE}/other/b"`,
  );
});

test("a lock file leads to the gateway only while the work goes on, also when it fails", async () => {
  await using sandbox = await createLocalSandbox();
  const path = "/workspace/yarn.lock";
  const lock = 'a@1:\r\n  resolved "https://elsewhere.test/a/-/a-1.0.0.tgz#0a"\n';
  const read = async () => Buffer.from(await sandbox.readFile(path, { maxBytes: 1e6 })).toString();
  await sandbox.writeFiles([{ path, data: Buffer.from(lock) }]);
  const failing = withLedLocks(sandbox, "yarn", registries, async () => {
    expect(await read()).toContain(`"${GATE}/npm/a/-/a-1.0.0.tgz#0a"`);
    throw new Error("as it goes");
  });
  await expect(failing).rejects.toThrow("as it goes");
  expect(await read()).toBe(lock);
});
