import { expect, test } from "vitest";
import { originOf } from "../../../src/sandbox/egress.ts";
import { checkEgress, parseOrigin } from "../../../src/sandbox/egress-origin.ts";

test.each([
  "example.org:443",
  "a_b.test:1",
  "localhost:65535",
  "127.0.0.1:80",
  "[2001:db8::1]:443",
  "127.1:443",
  "0x7f.1:443",
])("%s is an origin, and written as requests are", (origin) => {
  const target = parseOrigin(origin);
  expect(target && originOf(target)).toBe(origin);
  expect(() => checkEgress({ mode: "allow", origins: [origin], maxBytes: 0 })).not.toThrow();
});

test.each([
  "example.org",
  ":443",
  "example.org:0",
  "example.org:080",
  "example.org:65536",
  "Example.org:443",
  "example.org.:443",
  "https://example.org:443",
  "example.org:443/path",
  "me@example.org:443",
  "*.example.org:443",
  "*:443",
  "-a.org:443",
  "é.org:443",
  "[zz]:80",
  "[127.0.0.1]:80",
  "2001:db8::1:443",
  "ex ample.org:443",
])("%s is refused, and it is said how to write one", (origin) => {
  const policy = { mode: "allow", origins: ["example.org:443", origin], maxBytes: 1 } as const;
  expect(() => checkEgress(policy)).toThrow(
    `"${origin}" is no origin. Write HOST:PORT in lower case, such as example.org:443`,
  );
});

test.each([Number.NaN, -1])("%s bytes would hold nothing", (maxBytes) => {
  const policy = { mode: "allow", origins: [], maxBytes } as const;
  expect(() => checkEgress(policy)).toThrow("maxBytes");
});

test("nothing to reach is fine", () => {
  expect(() => checkEgress({ mode: "none" })).not.toThrow();
});
