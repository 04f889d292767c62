import type { OpenRun } from "./open-run.ts";
import type { Steer } from "./store.ts";

/** Instructions by people, each given to the model once, in order. */
export type Inbox = {
  /** Those not yet given. Reads the database: call it inside of a step only. */
  look(): Promise<readonly Steer[]>;
  /** What a finished step found, for the next turn. */
  keep(steers: readonly Steer[]): void;
  /** What to give to the model before this turn. */
  next(turn: number): Promise<readonly string[]>;
};

export function openInbox(run: OpenRun): Inbox {
  const { store } = run.ports;
  let last = 0;
  let kept: readonly Steer[] | undefined;
  const look = () => store.steersAfter(run.request.id, last);
  return {
    look,
    keep: (steers) => {
      kept = steers;
    },
    async next(turn) {
      // The step before has usually looked already; a turn without tools has not.
      const steers = kept ?? (await run.step(`turn-${turn}-inbox`, "turns", look));
      kept = undefined;
      last = steers.at(-1)?.sequence ?? last;
      return steers.map((steer) => `${steer.author}: ${steer.text}`);
    },
  };
}
