const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a shell expects of a program that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/** Resolves at the first Ctrl-C (or the like), after `onInterrupt`; the second one ends the process at once. */
export function untilInterrupted(onInterrupt: () => void): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let times = 0;
  const interrupt = () => {
    times += 1;
    if (times > 1) process.exit(INTERRUPTED);
    onInterrupt();
    resolve(undefined);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return promise;
}
