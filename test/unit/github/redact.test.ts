import { describe, expect, it } from "vitest";
import { redact } from "../../../src/github/redact.ts";

const jwt = `ghs_${"a1B2c3D4".repeat(20)}.${"e5F6".repeat(60)}.${"x_Y-z".repeat(30)}`;
const wrap = (text: string, width: number) =>
  text.match(new RegExp(`.{1,${width}}`, "g"))?.join("\n");

describe("redact", () => {
  it.each([
    ["an old token", "ghs_16C7e42F292c6912E7710c838347Ae178B4a"],
    ["a long token", jwt],
    ["a token cut into lines", `${wrap(jwt, 76)}`],
    ["a token cut into indented lines", `${wrap(jwt, 64)?.replaceAll("\n", "\r\n  ")}`],
    [
      "a percent-encoded token",
      encodeURIComponent(jwt).replaceAll("_", "%5F").replaceAll(".", "%2E"),
    ],
    ["a personal token", "github_pat_11ABCDEFG0123456789_abcdefghij"],
    ["an app's JWT", "eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE3MzIzMzMzMzN9.c2lnbmF0dXJlLWJ5dGVz"],
    ["git's header", `Basic ${Buffer.from(`x-access-token:${jwt}`).toString("base64")}`],
    ["a key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"],
  ])("removes %s and nothing around it", (_, secret) => {
    const kept = redact(`before it: ${secret}\nafter it`);
    expect(kept).toMatch(/^before it: (Basic )?\[redacted\]\nafter it$/);
  });

  it("leaves ordinary text alone", () => {
    const text = "highs_and_lows of ghs_ and eyJ.a.b in github_path";
    expect(redact(text)).toBe(text);
  });
});
