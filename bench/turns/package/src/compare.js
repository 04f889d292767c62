import { parse } from "./parse.js";

/** For `Array.prototype.sort`: the shortest first. */
export function compare(a, b) {
  return parse(a) - parse(b);
}

/** The longest of the spans; undefined when there is none. */
export function longest(spans) {
  return spans.toSorted(compare).at(-1);
}
