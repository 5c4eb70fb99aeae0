import { Fault, sentence } from "../../lib/base/fault.ts";
import { type FaultReporter, FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { runAll } from "../../lib/base/signal.ts";
import { supervise } from "../../lib/base/supervise.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { mergedSnapshot } from "../../lib/keyspace/mounts/merged-snapshot.ts";
import type { Mount } from "../../lib/keyspace/mounts/mounts.ts";
import { visibleSource } from "../../lib/keyspace/mounts/visible-source.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { faults } from "../faults.ts";
import type { WatchDeps } from "./state.ts";

/** The back-off while the keyspace is unreachable. */
const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

/** The result of reading several keyspaces. */
export interface Awaited {
  /** The entries of all that were read, at their paths. */
  readonly snapshot: Snapshot;
  /** Why the others were not. */
  readonly unread: ReadonlyMap<Mount, Fault>;
}

/** Reads each keyspace as soon as it answers. One that does not within the time, or denies it, is left out. */
export async function awaitSnapshots(
  folders: readonly string[],
  timeoutMs: number,
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<Awaited> {
  const { mounts } = deps;
  const read = new Map<Mount, Snapshot>();
  const unread = new Map<Mount, Fault>();
  const reading = Array.from(mounts.partsOf(folders), ([mount, own]) => async (s: AbortSignal) => {
    const one = { mount, source: visibleSource(mount, mounts), folders: own };
    const result = await awaitSnapshot(one, timeoutMs, deps, s);
    if (result instanceof Fault) unread.set(mount, result);
    else read.set(mount, result);
  });
  await runAll(signal, ...reading);
  return { snapshot: mergedSnapshot(read), unread };
}

/** A keyspace to read. */
interface Unread {
  readonly mount: Mount;
  readonly source: KeySource;
  readonly folders: readonly string[];
}

/** Returns the fault if it does not answer within the time, or denies it. */
async function awaitSnapshot(
  { mount, source, folders }: Unread,
  timeoutMs: number,
  { clock, random, log }: WatchDeps,
  signal: AbortSignal,
): Promise<Snapshot | Fault> {
  const place = mount.folder && ` at ${mount.folder}`;
  const logged = new FaultReports(`the keyspace${place}`, log, clock).reporter();
  let last: Fault | undefined;
  const reporter: FaultReporter = {
    report: (fault, retryInMs, consequence) => {
      last = fault;
      logged.report(fault, retryInMs, consequence);
    },
    resolved: () => logged.resolved(),
  };
  const read = async (succeeded: () => void, s: AbortSignal) => {
    const snapshot = await readSnapshot(source, folders, s);
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
