/** Where two JSON values differ first, as `tests.failToPass[0].strength`; undefined when they are the same. */
export function firstDifference(one: unknown, other: unknown, at = ""): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return at;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  for (const key of keys) {
    const found = firstDifference(one[key], other[key], step(at, key, Array.isArray(one)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function step(at: string, key: string, isArray: boolean): string {
  if (isArray) return `${at}[${key}]`;
  return at === "" ? key : `${at}.${key}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
