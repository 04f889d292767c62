import { describe, expect, it } from "vitest";
import { findCredentialLike } from "../../../src/pull-request/credential.ts";
import { createRedactor } from "../../../src/pull-request/redact.ts";

const SECRET = "Zk3-canary_9fQ7+mN2/xY8pL0";
// Made here, so that no file of this repository holds something that looks like one.
const TOKEN = `ghs_${"16C7e42F292c6912E7710c838347Ae178B4a"}`;
const JWT = `ghs_${"123456"}_eyJhbGciOiJSUzI1NiJ9.${"eyJpc3MiOiJnaHMi".repeat(24)}.${"Qm9-_x".repeat(40)}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("known secrets", () => {
  const redactor = createRedactor([SECRET]);

  it.each([
    ["plain", `a ${SECRET} b`],
    ["base64", `a ${base64(SECRET)} b`],
    ["base64 with one byte before", `a ${base64(`x${SECRET}yy`)} b`],
    ["base64 with two bytes before", `a ${base64(`xy${SECRET}`)} b`],
    ["base64 for addresses", `a ${Buffer.from(SECRET).toString("base64url")} b`],
    ["hexadecimal", `a ${Buffer.from(SECRET).toString("hex")} b`],
    ["upper-case hexadecimal", `a ${Buffer.from(SECRET).toString("hex").toUpperCase()} b`],
    ["reversed", `a ${[...SECRET].reverse().join("")} b`],
    ["URL-encoded", `a ${encodeURIComponent(SECRET)} b`],
    [
      "URL-encoded letter by letter",
      `a ${[...SECRET].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")} b`,
    ],
    ["as entities", `a ${[...SECRET].map((c) => `&#${c.charCodeAt(0)};`).join("")} b`],
    ["over lines", `a ${SECRET.slice(0, 9)}\n  ${SECRET.slice(9)} b`],
    ["by zero-width characters", `a ${[...SECRET].join("\u200b")} b`],
    ["in quotes", `a "${SECRET.slice(0, 9)}" + '${SECRET.slice(9)}' b`],
    ["in part", `a ${SECRET.slice(0, 15)} b`],
  ])("are found and taken out: %s", (_, text) => {
    expect(redactor.holdsSecret(text)).toBe(true);
    const clean = redactor.redact(text);
    expect(clean).toContain("[redacted]");
    expect(redactor.holdsSecret(clean)).toBe(false);
    expect(clean).not.toContain(SECRET.slice(4, 12));
    expect(clean).toMatch(/^a .* b$/s);
  });

  it("leave other text alone", () => {
    const text = "The key is 12 letters: canary, fQ7, mN2.\n".repeat(50);
    expect(redactor.redact(text)).toBe(text);
    expect(redactor.holdsSecret(text)).toBe(false);
    expect(createRedactor(["abc", ""]).redact("abc")).toBe("abc");
  });

  it("that are short count as a whole only", () => {
    const short = createRedactor(["hunter22"]);
    expect(short.redact("x hunter22 y")).toBe("x [redacted] y");
    expect(short.redact("x hunter2 y")).toBe("x hunter2 y");
  });

  it("that are keys are found by any line of theirs", () => {
    const key = `-----BEGIN ${"RSA"} PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1c7\nq9Zw3XyTt5uVb8nMKpLo\n-----END ${"RSA"} PRIVATE KEY-----`;
    expect(createRedactor([key]).holdsSecret("… q9Zw3XyTt5uVb8nMKpLo …")).toBe(true);
    expect(createRedactor([key]).holdsSecret("-----BEGIN RSA PRIVATE KEY-----")).toBe(false);
  });
});

describe("shapes of credentials", () => {
  const wrapped = (JWT.match(/.{1,76}/g) ?? []).join("\n");
  it.each([
    ["a token", TOKEN],
    ["a long token", JWT],
    ["a long token over lines", wrapped],
    ["a long token over lines of a diff", wrapped.replaceAll("\n", "\n+  ")],
    ["a long token, URL-encoded", encodeURIComponent(JWT).replaceAll("_", "%5F")],
    ["a fine-grained token", `github_pat_${"11ABCDE0Y0abcdefghijkl_0123456789abcdefghij"}`],
    ["a private key", `-----BEGIN ${"PRIVATE"} KEY-----\nMIIE\n-----END ${"PRIVATE"} KEY-----`],
    ["a model key", `sk-${"proj-abcdefghijklmnopqrst"}`],
    ["a cloud key", `AKIA${"IOSFODNN7EXAMPLE"}`],
    ["hidden characters in it", [...TOKEN].join("\u200b")],
  ])("%s stops a publication", (_, value) => {
    const found = findCredentialLike(`one\ntwo ${value} three`);
    expect(found[0]?.line).toBe(2);
    expect(JSON.stringify(found)).not.toContain(value.slice(5, 15));
  });

  it.each([TOKEN, JWT, wrapped, encodeURIComponent(JWT)])("are taken out whole", (value) => {
    expect(createRedactor([]).redact(`before ${value} after`)).toBe("before [redacted] after");
  });

  it("are not seen in ordinary code", () => {
    const code =
      "const ghs_token = process.env.TOKEN; // sk-short, AKIA, github_pat_x\nhttps://x.example/ghp_y";
    expect(findCredentialLike(code)).toEqual([]);
    expect(findCredentialLike(`sha512-${base64("x".repeat(64))}`)).toEqual([]);
  });

  it("are looked for in linear time", () => {
    for (const part of [
      "ghs_",
      "\n",
      "ghs_a\n",
      "eyJ",
      "-----BEGIN PRIVATE KEY-----",
      "%41",
      "a ",
    ]) {
      const text = part.repeat(500_000 / part.length);
      expect(findCredentialLike(text).length).toBeGreaterThanOrEqual(0);
    }
  }, 60_000);
});
