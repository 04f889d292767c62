import { Failure } from "../errors.ts";

const LOST = ["sandbox-lost", "sandbox-not-started"];

/** Whether a sandbox went away, which says nothing about what ran in it. */
export function isLost(error: unknown): boolean {
  return error instanceof Failure && LOST.includes(error.code);
}

/** Runs `work` again, once, when its sandbox is lost. */
export async function onceMoreIfLost<T>(
  note: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isLost(error)) throw error;
    note("the sandbox was lost; a new one takes its place");
    return work();
  }
}
