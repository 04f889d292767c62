/** To the nearest multiple of `step`. */
export function round(seconds, step) {
  if (step <= 0) throw new RangeError("a step is positive");
  return Math.round(seconds / step) * step;
}
