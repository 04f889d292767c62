import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkCredentials } from "../../../src/github/credentials.ts";

const SECRET = "a-secret-of-enough-characters";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

describe("the App's credentials", () => {
  it("are good when the key is RSA and all secrets are long enough", () => {
    expect(() => checkCredentials(PEM, [SECRET, SECRET])).not.toThrow();
  });

  it.each([
    ["no secret", PEM, [""], "webhook-secret"],
    ["a short secret", PEM, ["fifteen-letters"], "webhook-secret"],
    ["spaces for a secret", PEM, [" ".repeat(40)], "webhook-secret"],
    ["a short previous secret", PEM, [SECRET, "development"], "webhook-secret"],
    ["no key", "", [SECRET], "private-key"],
    ["half a key", PEM.slice(0, 400), [SECRET], "private-key"],
    [
      "a key of another kind",
      elliptic.export({ type: "pkcs8", format: "pem" }).toString(),
      [SECRET],
      "private-key",
    ],
  ])("are refused for %s, with the next step and without the value", (_, key, secrets, code) => {
    const check = () => checkCredentials(key, secrets);
    expect(check).toThrow(expect.objectContaining({ kind: "invalid-request", code }));
    expect(check).toThrow(/openssl rand|Download one/);
    expect(check).not.toThrow(/fifteen-letters|MII/);
  });
});
