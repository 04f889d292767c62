import { format } from "./format.js";
import { parse } from "./parse.js";

/** Adds spans in text form. */
export function sum(...spans) {
  return format(spans.map(parse).reduce((a, b) => a + b, 0));
}
