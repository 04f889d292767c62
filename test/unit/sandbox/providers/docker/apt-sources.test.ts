import { expect, test } from "vitest";
import {
  formatAptSource,
  parseAptSources,
  releaseSources,
} from "../../../../../src/sandbox/providers/docker/apt-sources.ts";

test("deb822 stanzas give one source for each address and suite", () => {
  const text = `Types: deb
# a comment
URIs: http://mirror/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb-src
URIs: http://mirror/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://mirror/off
Suites: bookworm
`;
  const sources = parseAptSources(text);
  expect(sources.map(formatAptSource)).toEqual([
    "deb [signed-by=/usr/share/keyrings/archive.gpg] http://mirror/debian bookworm main contrib",
    "deb [signed-by=/usr/share/keyrings/archive.gpg] http://mirror/debian bookworm-updates main contrib",
  ]);
});

test("a key that stands in the file itself isn't taken for a path", () => {
  const text = `Types: deb
URIs: http://mirror/x
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 /abc=
`;
  expect(parseAptSources(text)[0]?.signedBy).toBe("");
});

test("one-line lists are read with their options; comments and sources are left out", () => {
  const text = `# deb http://mirror/off bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror/debian bookworm main # good
deb-src http://mirror/debian bookworm main
deb http://mirror/security bookworm-security main
`;
  expect(parseAptSources(text).map(formatAptSource)).toEqual([
    "deb [signed-by=/k.gpg] http://mirror/debian bookworm main",
    "deb http://mirror/security bookworm-security main",
  ]);
});

test("only the release itself, its updates and its security fixes make a base", () => {
  const source = (suite: string) => ({ uri: "u", suite, components: [], signedBy: "" });
  const all = ["bookworm", "bookworm-security", "bookworm-backports", "sid", "nodistro"].map(
    source,
  );
  expect(releaseSources(all, "bookworm").map(({ suite }) => suite)).toEqual([
    "bookworm",
    "bookworm-security",
  ]);
});
