/** Runs one piece of work at a time, in the order of arrival. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {}); // whoever waits for it hears of it; the next one only waits for its end
    return turn;
  };
}
