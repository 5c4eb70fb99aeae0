import { Fault, sentence } from "../../lib/base/fault.ts";
import { type FaultReporter, FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { supervise } from "../../lib/base/supervise.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import { covered } from "../../lib/keyspace/covered.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { faults } from "../faults.ts";
import type { WatchDeps } from "./state.ts";

/** The back-off while the keyspace is unreachable. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/** Reads the keyspace as soon as it answers. Returns the fault if it does not within the time, or denies it. */
export async function awaitSnapshot(
  prefixes: readonly string[],
  timeoutMs: number,
  { keyspace, clock, random, log }: WatchDeps,
  signal: AbortSignal,
): Promise<Snapshot | Fault> {
  const logged = new FaultReports("the keyspace", log, clock).reporter();
  let last: Fault | undefined;
  const reporter: FaultReporter = {
    report: (fault, retryInMs, consequence) => {
      last = fault;
      logged.report(fault, retryInMs, consequence);
    },
    resolved: () => logged.resolved(),
  };
  const read = async (succeeded: () => void, s: AbortSignal) => {
    const snapshot = await readSnapshot(covered(keyspace), prefixes, s);
    succeeded();
    return snapshot;
  };
  const supervision = { backoff, reporter, consequence: "no file has been rendered yet" };
  const onTimeout = () => {
    const reason = last ? sentence(last) : "it has not answered";
    return faults.AGENT_KEYSPACE_TIMEOUT({ limitMs: timeoutMs, reason });
  };
  try {
    return await withTimeout<Snapshot, Fault>(
      timeoutMs,
      (s) => supervise(read, supervision, { clock, random }, s),
      onTimeout,
      clock,
      signal,
    );
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
