/** One that waits, and since when. */
export type IdleView = { readonly id: string; readonly sinceMs: number };

/** Containers that can stand in for each other: of the same image and limits. */
export type KindView = {
  readonly kind: string;
  /** When one of them was last asked for. */
  readonly wantedAtMs: number;
  /** None could be made; until then no other is tried. */
  readonly failedUntilMs?: number;
  readonly idle: readonly IdleView[];
};

export type PoolStep =
  | { readonly do: "retire"; readonly id: string }
  | { readonly do: "boot"; readonly kind: string }
  | { readonly do: "forget"; readonly kind: string };

/** A kind that nobody asks for any more gives its places back. */
const WANTED_MS = 15 * 60_000;
/** What has waited for so long makes room for a fresh one: an engine that was upgraded meanwhile has its effect. */
const MAX_IDLE_MS = 60 * 60_000;

/**
 * What brings the pool nearest to what it should be; undefined when it is there. `size` places are dealt out to the
 * kinds in turns, beginning with the one that was asked for last.
 */
export function nextStep(
  kinds: readonly KindView[],
  size: number,
  nowMs: number,
): PoolStep | undefined {
  const wanted = kinds
    .filter(({ wantedAtMs }) => nowMs - wantedAtMs < WANTED_MS)
    .toSorted((a, b) => b.wantedAtMs - a.wantedAtMs);
  const shareOf = (kind: KindView) => {
    const place = wanted.indexOf(kind);
    return place === -1 ? 0 : Math.ceil((size - place) / wanted.length);
  };
  for (const kind of kinds) {
    const old = kind.idle.find(({ sinceMs }) => nowMs - sinceMs > MAX_IDLE_MS);
    const spare = kind.idle.length > Math.max(0, shareOf(kind)) ? kind.idle[0] : undefined;
    const retired = old ?? spare;
    if (retired !== undefined) return { do: "retire", id: retired.id };
  }
  const over = kinds.find((kind) => !wanted.includes(kind));
  if (over !== undefined) return { do: "forget", kind: over.kind };
  const missing = wanted.find(
    (kind) => kind.idle.length < shareOf(kind) && nowMs >= (kind.failedUntilMs ?? 0),
  );
  return missing === undefined ? undefined : { do: "boot", kind: missing.kind };
}
