export type Task<Result> = (signal: AbortSignal) => Promise<Result>;

/**
 * The results of all tasks, in their order; at most `atOnce` run at a time. When one fails, the others are told to stop
 * and waited for, and its error is thrown.
 */
export async function inParallel<Result>(
  tasks: readonly Task<Result>[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const results: Result[] = [];
  const errors: unknown[] = [];
  const waiting = tasks.entries();
  const work = async () => {
    for (const [index, task] of waiting) {
      if (stop.signal.aborted) return;
      try {
        results[index] = await task(both);
      } catch (error) {
        errors.push(error);
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, work));
  if (errors.length > 0) throw errors[0];
  return results;
}
