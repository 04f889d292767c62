import { expect, it } from "vitest";
import { preAuthEncoding } from "../../../src/attestation/envelope.ts";
import { readKeys, withCurrent } from "../../../src/attestation/keys.ts";
import { signingKey, trustIn } from "../../fakes/bundle.ts";
import { bytes, complaints, honest, key, stranger, textOf } from "../../fakes/tamper.ts";

it("believes a key only for the time in which it was in use, and old bundles after that", () => {
  const late = { ...key, listed: { ...key.listed, notAfter: "2026-11-23T06:09:59.999Z" } };
  expect(complaints(honest, trustIn(late))).toEqual([
    expect.stringMatching(/^key: .*retired on 2026-11-23T06:09:59.999Z/),
  ]);
  const retired = { ...key, listed: { ...key.listed, notAfter: "2026-11-24T00:00:00.000Z" } };
  expect(complaints(honest, trustIn(stranger, retired))).toEqual([]);
  const young = { ...key, listed: { ...key.listed, notBefore: "2026-11-24T00:00:00.000Z" } };
  expect(complaints(honest, trustIn(young))[0]).toMatch(/^key: .*came into use/);
});

it("doesn't take a listed id for granted", () => {
  const posing = { ...stranger, listed: { ...stranger.listed, id: key.listed.id } };
  expect(complaints(honest, trustIn(posing))[0]).toMatch(/^key: The list has another key/);
});

it("signs what DSSE says is signed", () => {
  const message = preAuthEncoding("http://example.com/HelloWorld", bytes("hello world"));
  expect(textOf(message)).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
});

it("lists a new key first and retires the one before, and takes no retired one back", () => {
  const [one, two] = [signingKey().listed, signingKey().listed];
  const first = withCurrent(undefined, one, "2026-01-01T00:00:00.000Z");
  expect(withCurrent(first, one, "2026-02-01T00:00:00.000Z").keys).toBe(first.keys);
  const second = withCurrent(first, two, "2026-03-01T00:00:00.000Z");
  expect(second.keys.map(({ id, notBefore, notAfter }) => [id, notBefore, notAfter])).toEqual([
    [two.id, "2026-03-01T00:00:00.000Z", null],
    [one.id, "2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
  ]);
  expect(readKeys(JSON.parse(JSON.stringify(second)))).toEqual(second);
  expect(() => withCurrent(second, one, "2026-04-01T00:00:00.000Z")).toThrow(/was retired on/);
  expect(() => readKeys({ keys: [] })).toThrow(/no list of Dunlin's public keys/);
});
