/** Stands in the environment of the process that makes the sandboxes, and must be found in none of them. */
export const CANARY = "canary-7d20c1e94f";
