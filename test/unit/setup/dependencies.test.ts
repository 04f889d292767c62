import { expect, test } from "vitest";
import { missingPackages } from "../../../setup/dependencies.mjs";

const lock = {
  packages: {
    "": { version: "1.0.0" },
    "node_modules/kept": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/newer": { version: "2.0.0", integrity: "sha512-b" },
    "node_modules/for-another-platform": { version: "1.0.0", optional: true },
  },
};

test("nothing installed means that all but optional packages are missing", () => {
  expect(missingPackages(lock, undefined)).toEqual(["node_modules/kept", "node_modules/newer"]);
});

test("a package of another version or with other content is missing", () => {
  const kept = { version: "1.0.0", integrity: "sha512-a" };
  const installed = (newer: object) => ({
    packages: { "node_modules/kept": kept, "node_modules/newer": newer },
  });
  const older = installed({ version: "1.0.0", integrity: "sha512-b" });
  const other = installed({ version: "2.0.0", integrity: "sha512-c" });
  const same = installed({ version: "2.0.0", integrity: "sha512-b" });
  expect(missingPackages(lock, older)).toEqual(["node_modules/newer"]);
  expect(missingPackages(lock, other)).toEqual(["node_modules/newer"]);
  expect(missingPackages(lock, same)).toEqual([]);
});
