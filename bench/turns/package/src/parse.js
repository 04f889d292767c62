const SECONDS = { h: 3600, m: 60, s: 1 };

/** `1h30m` in seconds. */
export function parse(text) {
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new TypeError(`not a span: ${text}`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit], 0);
}
