import type { Sandbox } from "../../src/sandbox/sandbox.ts";

const none = async (): Promise<never> => {
  throw new Error("this fake keeps no state");
};

/** For fakes that nobody pauses, forks or asks about themselves. */
export const noState = {
  extend: none,
  pause: none,
  resume: none,
  snapshot: none,
  fork: none,
  info: none,
} satisfies Partial<Sandbox>;
