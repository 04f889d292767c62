/** Asks the first time it is called, and gives everybody that answer. */
export type Once<A extends readonly unknown[], T> = {
  (...about: A): Promise<T>;
  /** Undefined until there is one. */
  answer?: T;
};

/** Remembers the first answer; a failure is not remembered. */
export function once<A extends readonly unknown[], T>(
  ask: (...about: A) => Promise<T>,
): Once<A, T> {
  let asked: Promise<T> | undefined;
  const get: Once<A, T> = (...about) => {
    asked ??= ask(...about).then(
      (answer) => {
        get.answer = answer;
        return answer;
      },
      (error: unknown) => {
        asked = undefined;
        throw error;
      },
    );
    return asked;
  };
  return get;
}
