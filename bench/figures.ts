/** The middle of a list of figures; NaN when there is none. */
export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}

/** `part` from 0 to 1, between two figures where it falls between them. */
export function quantile(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(figures: readonly number[]): Spread {
  return { median: median(figures), min: Math.min(...figures), max: Math.max(...figures) };
}
