import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CanaryScanner, makeCanary } from "../attack/canaries.ts";

const canary = makeCanary("it", "ghp_");
const { value } = canary;
const bytes = Buffer.from(value);
const reversed = (text: string) => [...text].reverse().join("");
const scanner = new CanaryScanner([canary]);

describe("the scanner that says that nothing leaked", () => {
  it.each([
    ["as it is", value],
    ["among other text", `{"a":"x${value}y"}`],
    ["reversed", reversed(value)],
    ["in base64", bytes.toString("base64")],
    ["in base64 after one byte", Buffer.from(`a${value}`).toString("base64")],
    ["in base64 after two bytes", Buffer.from(`ab${value}`).toString("base64")],
    ["in base64 for addresses", bytes.toString("base64url")],
    ["in hexadecimal", bytes.toString("hex")],
    ["in large hexadecimal", bytes.toString("hex").toUpperCase()],
    ["in hexadecimal, reversed", reversed(bytes.toString("hex"))],
    ["in base64, reversed", reversed(bytes.toString("base64"))],
    ["in base64 of base64", Buffer.from(bytes.toString("base64")).toString("base64")],
    ["in base64 of hexadecimal", Buffer.from(bytes.toString("hex")).toString("base64")],
    ["reversed, then in base64", Buffer.from(reversed(value)).toString("base64")],
    ["in capitals", value.toUpperCase()],
    ["in base64 with line ends", (bytes.toString("base64").match(/.{1,10}/g) ?? []).join("\r\n")],
    ["letter by letter", [...value].join("\u200b")],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ value }))],
    ["in UTF-16", Buffer.from(value, "utf16le").toString("latin1")],
    ["twelve characters of it", `… ${value.slice(20, 32)} …`],
    ["twelve characters of it, reversed", reversed(value.slice(9, 21))],
  ])("finds it %s", async (_form, text) => {
    expect(await scanner.scan("here", text)).toContainEqual(
      expect.objectContaining({ canary: "it", where: "here" }),
    );
  });

  it("finds it wherever a stream is cut", async () => {
    const text = Buffer.concat([randomBytes(100), bytes, randomBytes(100)]);
    for (let size = 1; size < 60; size++) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.subarray(at * size, (at + 1) * size),
      );
      expect(await scanner.scan("here", chunks)).not.toEqual([]);
    }
  });

  it("finds bytes that are no text in what text is made of them", async () => {
    const key = randomBytes(64);
    const keys = new CanaryScanner([{ name: "key", value: key }]);
    for (const form of ["base64", "hex", "latin1"] as const) {
      expect(await keys.scan("here", Buffer.from(key.toString(form), "latin1"))).not.toEqual([]);
    }
  });

  it.each([
    ["eleven characters of it", value.slice(20, 31)],
    ["what it begins with", "ghp_"],
    ["nothing", ""],
  ])("does not mistake %s for it", async (_what, text) => {
    expect(await scanner.scan("here", text)).toEqual([]);
  });

  it("finds nothing by chance", async () => {
    const noise = randomBytes(2_000_000);
    expect(await scanner.scan("here", [noise, Buffer.from(noise.toString("base64"))])).toEqual([]);
  });
});
