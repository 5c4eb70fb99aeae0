import type { Clock } from "../../lib/base/clock.ts";
import { sentence } from "../../lib/base/fault.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { Retried } from "../../lib/control/contract.ts";
import type { GroupStatus } from "./status.ts";
import { targetsOf } from "./targets.ts";

/** Applies the files of all groups again at once. Resolves with the results, or with what is known at the limit. */
export async function retryAll(
  statuses: readonly GroupStatus[],
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Retried> {
  const results = await Promise.all(
    statuses.map((status) => retryGroup(status, limitMs, clock, signal)),
  );
  return { files: results.flat() };
}

async function retryGroup(
  { group, outcome }: GroupStatus,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Retried["files"]> {
  const { retries } = group;
  retries.set(retries.value + 1);
  const { version } = retries;
  const targets = targetsOf(group);
  return await withTimeout(
    limitMs,
    async (s) => {
      const { fault } = await outcome.until((one) => one.retries >= version, s);
      const result = fault
        ? ({ state: "failing", why: sentence(fault) } as const)
        : ({ state: "in sync", why: "" } as const);
      return targets.map((target) => ({ target, ...result }));
    },
    () => {
      const why = "the attempt has not ended: the keyspace has not been read, or it takes longer";
      return targets.map((target) => ({ target, state: "unknown" as const, why }));
    },
    clock,
    signal,
  );
}
