import type { TestKey } from "../../check/suite.ts";
import type { ShapedFile } from "../gate.ts";
import { type TestBlock, written } from "./test-shape.ts";

type Place = { readonly path: string; readonly title: string };

/** A test that stands elsewhere or is called otherwise on the head, and does the same there word for word. */
export type MovedTest = { readonly from: Place; readonly to: Place };

type Standing = Place & { readonly body: string };

/** Each test of the base is paired with one of the head at most; an unchanged title goes before an unchanged file. */
export function movedTests(files: readonly ShapedFile[]): readonly MovedTest[] {
  const tests = files.filter((file) => file.isTest);
  const gone = tests.flatMap((file) => onlyIn(file.path, file.base.tests, file.head.tests));
  const come = tests.flatMap((file) => onlyIn(file.path, file.head.tests, file.base.tests));
  const free = new Set(come);
  return gone.flatMap((from) => {
    const same = [...free].filter(({ body }) => body === from.body);
    const to =
      same.find(({ title }) => title === from.title) ?? same.find(({ path }) => path === from.path);
    if (to === undefined) return [];
    free.delete(to);
    return [{ from: placeOf(from), to: placeOf(to) }];
  });
}

function onlyIn(
  path: string,
  tests: readonly TestBlock[],
  others: readonly TestBlock[],
): readonly Standing[] {
  const known = new Set(others.map(({ key }) => key));
  return tests
    .filter(({ key }) => !known.has(key))
    .map(({ title, tokens }) => ({ path, title, body: written(tokens.slice(1)) }));
}

function placeOf({ path, title }: Standing): Place {
  return { path, title };
}

/** Which key of the head stands for a key of the base; both by their ids. */
export function pairMoved(
  moves: readonly MovedTest[],
  gone: readonly (readonly [string, TestKey])[],
  come: readonly (readonly [string, TestKey])[],
): ReadonlyMap<string, string> {
  const free = new Map(come);
  const pairs = new Map<string, string>();
  for (const [id, key] of gone) {
    const move = moves.find(({ from }) => isAt(key, from));
    const found = move && [...free].find(([, other]) => isAt(other, move.to));
    if (found === undefined) continue;
    free.delete(found[0]);
    pairs.set(id, found[0]);
  }
  return pairs;
}

function isAt({ file, name }: TestKey, { path, title }: Place): boolean {
  return file === path && (name === title || name.endsWith(` > ${title}`));
}
