import { expect, it } from "vitest";
import { findRegistries } from "../../src/registries.ts";

it("gives origins and the first address, never a credential", async () => {
  const found = await findRegistries([
    "https://reader:canary@packages.test/npm/",
    "http://canary@other.test",
  ]);
  expect(found.origins).toEqual(["packages.test:443", "other.test:80"]);
  expect(found.env).toMatchObject({ npm_config_registry: "https://packages.test/npm/" });
  expect(JSON.stringify(found)).not.toContain("canary");
});

it("names what is no address, without its credential", async () => {
  const wrong = findRegistries(["ftp://reader:canary@packages.test"]);
  await expect(wrong).rejects.toMatchObject({ kind: "invalid-request", code: "registry" });
  await expect(wrong).rejects.not.toThrow("canary");
});
