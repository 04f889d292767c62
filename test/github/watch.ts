/** Lets tests await a state instead of sleeping: whoever changes something says so, and each waiter looks again. */
export class Watch {
  readonly #waiters = new Set<() => void>();

  changed(): void {
    for (const look of this.#waiters) look();
  }

  /** The first thing that `find` gives, now or after a change. */
  until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        this.#waiters.delete(look);
        resolve(found);
      };
      this.#waiters.add(look);
      look();
    });
  }
}
