import type { Etcd3 } from "etcd3";
import { abortable } from "../../base/signal.ts";
import { asFault } from "./errors.ts";
import { type EtcdPosition, historyOf, isContinued, type KnownRange } from "./position.ts";
import { newestOf, repeated } from "./witnesses.ts";

/**
 * The ranges and the revisions from which a watch may continue without a list, or undefined. It may if the store is the same
 * cluster at no lower term and revision, repeats the writes that the watch has received last, and has compacted nothing that came
 * after. Cluster, term and revision alone are no proof: a backup that is restored with the cluster's token has its id, begins at a
 * low term, as a young cluster has it, and other writes may have brought it to the same revision. Rejects with an error of the connection.
 */
export async function continuedFrom(
  client: Etcd3,
  position: EtcdPosition,
  url: string,
  signal: AbortSignal,
): Promise<readonly KnownRange[] | undefined> {
  const { witnesses, history, ranges } = position;
  const proved = newestOf(witnesses);
  if (proved === undefined) return undefined;
  // What came after the newest witness is known not to have changed these ranges, but only in the history of that time.
  const from = ranges.map(({ range, revision }) => ({
    range,
    revision: revision < proved ? revision : proved,
  }));
  const oldest = from.reduce(
    (least, { revision }) => (revision < least ? revision : least),
    proved,
  );
  try {
    const header = await abortable(repeated(client, witnesses, oldest), signal);
    return header && isContinued(history, historyOf(header)) ? from : undefined;
  } catch (error) {
    signal.throwIfAborted();
    // Compacted, a revision that the store has not reached, or a permission that has changed: the list has the reason, if any.
    const fault = asFault(error, url, "continue a watch");
    if (fault.code === "KEYSPACE_UNREACHABLE") throw fault;
    return undefined;
  }
}
