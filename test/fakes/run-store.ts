import { isOpen, type Run } from "../../src/run/run.ts";
import { refusalOf } from "../../src/run/spending.ts";
import type { Reservation, RunStore, Spent, Steer } from "../../src/run/store.ts";

type Counted = Reservation & { readonly settled: boolean };

/** Runs, steers and spending in memory, by the rules of the port. Read the maps to see what happened. */
export function fakeRunStore(): RunStore & {
  readonly runs: Map<string, Run>;
  readonly stops: Map<string, string>;
  readonly steers: Map<string, readonly Steer[]>;
  readonly counted: Map<string, Counted>;
  readonly evidence: readonly Parameters<RunStore["addEvidence"]>[0][];
} {
  const runs = new Map<string, Run>();
  const stops = new Map<string, string>();
  const steers = new Map<string, readonly Steer[]>();
  const counted = new Map<string, Counted>();
  const evidence: Parameters<RunStore["addEvidence"]>[0][] = [];
  const steerKeys = new Set<string>();
  const openRuns = (repositoryId: number) =>
    [...runs.values()].filter(
      ({ request, state }) => request.repository.id === repositoryId && isOpen(state),
    );
  const sum = (passes: (one: Counted) => boolean): Spent => {
    const all = [...counted.values()].filter(passes);
    return {
      costUsd: all.reduce((usd, one) => usd + one.costUsd, 0),
      tokens: all.reduce((tokens, one) => tokens + one.tokens, 0),
      requests: all.length,
    };
  };
  return {
    runs,
    stops,
    steers,
    counted,
    evidence,
    async create(request, { maxOpenPerRepository }) {
      if (runs.has(request.id)) return "exists";
      const open = openRuns(request.repository.id);
      if (open.some((run) => run.request.issueNumber === request.issueNumber)) return "busy";
      if (open.length >= maxOpenPerRepository) return "full";
      runs.set(request.id, { request, state: "queued" });
      return "created";
    },
    get: async (id) => runs.get(id),
    open: async (repositoryId, issueNumber) =>
      openRuns(repositoryId).find(({ request }) => request.issueNumber === issueNumber),
    async setState(id, state, facts = {}) {
      const known = runs.get(id);
      if (known !== undefined) runs.set(id, { ...known, state, ...facts });
    },
    requestStop: async (id, by) => void stops.set(id, stops.get(id) ?? by),
    stopRequestedBy: async (id) => stops.get(id),
    async addSteer(id, key, author, text) {
      if (steerKeys.has(key)) return;
      steerKeys.add(key);
      const before = steers.get(id) ?? [];
      steers.set(id, [...before, { sequence: before.length + 1, author, text }]);
    },
    steersAfter: async (id, after) =>
      (steers.get(id) ?? []).filter((steer) => steer.sequence > after),
    async addEvidence(one) {
      if (!evidence.some(({ key }) => key === one.key)) evidence.push(one);
    },
    latestEvidence: async (repositoryId, pullRequestNumber) =>
      evidence.findLast(
        (one) => one.repositoryId === repositoryId && one.pullRequestNumber === pullRequestNumber,
      ),
    async reserve(wanted, limits) {
      const { runId, repositoryId, day, key } = wanted;
      const others = (one: Counted) => one.key !== key;
      const refused = refusalOf(
        wanted,
        {
          run: sum((one) => others(one) && one.runId === runId),
          repositoryDay: sum(
            (one) => others(one) && one.repositoryId === repositoryId && one.day === day,
          ),
          totalDay: sum((one) => others(one) && one.day === day),
        },
        limits,
      );
      if (refused === undefined) counted.set(key, { ...wanted, settled: false });
      return refused;
    },
    async settle(key, used) {
      const known = counted.get(key);
      if (known !== undefined) counted.set(key, { ...known, ...used, settled: true });
    },
    spent: async (runId) => sum((one) => one.runId === runId),
  };
}
