import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDelivery } from "../../../src/webhook/parse-delivery.ts";
import { commented, labeled } from "./payloads.ts";

const odd = fc.oneof(
  fc.constantFrom(null, undefined, "", 0, -1, 1.5, true, [], {}, "x".repeat(65_536), "__proto__"),
  fc.jsonValue(),
);

type Path = readonly string[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function withValue(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const record = value as Record<string, unknown>;
  return { ...record, [key]: withValue(record[key], rest, replacement) };
}

describe("parseDelivery", () => {
  it("reads a labelling", () => {
    expect(parseDelivery("issues", labeled("ada"))).toEqual({
      kind: "label",
      label: "dunlin",
      repository: { id: 7, owner: "octo", name: "fix-me", installationId: 9 },
      issueNumber: 5,
      seen: { title: "It breaks", body: "Call it twice." },
      sender: { login: "ada", id: 3, isBot: false },
      meaningKey: "7-5-label-20261123050000",
    });
  });

  it("reads a comment on an issue without a text", () => {
    const issue = { ...labeled("").issue, body: null };
    const trigger = parseDelivery("issue_comment", commented("@dunlin fix", "ada", { issue }));
    expect(trigger).toMatchObject({ kind: "comment", commentId: 77, seen: { body: "" } });
  });

  it.each(["ping", "push", "issues", "issue_comment", "installation", "nonsense"])(
    "ignores %s without a known action",
    (event) => {
      expect(parseDelivery(event, { zen: "Keep it logically awesome." })).toHaveProperty("ignored");
    },
  );

  it.each([
    ["issues", labeled("ada")],
    ["issue_comment", commented("@dunlin fix", "ada")],
  ])("never throws on a mutated %s payload", (event, payload) => {
    const mutated = fc
      .array(fc.tuple(fc.constantFrom(...pathsOf(payload)), odd), { minLength: 1, maxLength: 3 })
      .map((changes) =>
        changes.reduce<unknown>((value, [path, replacement]) => {
          try {
            return withValue(value, path, replacement);
          } catch {
            return value;
          }
        }, payload),
      );
    const allowed = ["kind", "ignored"];
    fc.assert(
      fc.property(mutated, (value) => {
        const parsed = parseDelivery(event, value);
        return allowed.some((key) => key in parsed);
      }),
      { numRuns: 5000 },
    );
  });
});
