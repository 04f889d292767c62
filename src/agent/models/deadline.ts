/** Ends an attempt on the caller's signal, when nothing comes for a while, or when it takes too long altogether. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Something came. */
  touch(): void;
  /** Why `signal` was aborted. */
  readonly cause: "caller" | "idle" | "wall" | undefined;
  /** Settles with `work`, or rejects as soon as `signal` is aborted: a stalled stream doesn't notice by itself. */
  race<T>(work: Promise<T>): Promise<T>;
}

export function startDeadline(
  caller: AbortSignal,
  limits: { readonly idleMs: number; readonly wallMs: number },
): Deadline {
  const controller = new AbortController();
  let cause: Deadline["cause"];
  const abort = (why: NonNullable<Deadline["cause"]>) => {
    cause ??= why;
    controller.abort(new Error(why));
  };
  const onCaller = () => abort("caller");
  caller.addEventListener("abort", onCaller, { once: true });
  if (caller.aborted) onCaller();
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason), {
      once: true,
    });
    if (controller.signal.aborted) reject(controller.signal.reason);
  });
  aborted.catch(() => undefined);
  const wall = setTimeout(() => abort("wall"), limits.wallMs);
  const idle = setTimeout(() => abort("idle"), limits.idleMs);
  return {
    signal: controller.signal,
    touch: () => idle.refresh(),
    get cause() {
      return cause;
    },
    race: (work) => Promise.race([work, aborted]),
    [Symbol.dispose]() {
      clearTimeout(wall);
      clearTimeout(idle);
      caller.removeEventListener("abort", onCaller);
      // Ends a request whose answer is no longer read.
      controller.abort(new Error("over"));
    },
  };
}
