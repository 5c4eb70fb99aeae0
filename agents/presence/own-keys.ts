import { type Cell, untilAny } from "../../lib/base/cell.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { supervise } from "../../lib/base/supervise.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { Store } from "./registration.ts";
import { type PresenceDeps, type PresenceState, reconnect } from "./state.ts";

/** What the folders are derived from, and where they are reported. */
interface OwnKeys extends Pick<PresenceState, "found" | "observed"> {
  readonly reporter: FaultReporter;
}

/**
 * Keeps `observed` equal to the folders of our services, so that an entry which another client removes or overwrites is
 * noticed. A folder stays watched once it was: the instances that left it are likely to come back.
 */
export async function watchOwnKeys(
  placing: Cell<Placing>,
  { keyspace, observed: read }: Store,
  { found, observed, reporter }: OwnKeys,
  { clock, random }: Pick<PresenceDeps, "clock" | "random">,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set<string>();
  const hasNewFolder = () => {
    const { size } = folders;
    const { keyOf } = placesOf(placing.value);
    for (const { instance } of found.value.found) folders.add(folderAbove(keyOf(nameOf(instance))));
    return folders.size > size;
  };
  const work = async (succeeded: () => void, s: AbortSignal): Promise<never> => {
    for (;;) {
      if (folders.size === 0) succeeded();
      const following = (t: AbortSignal) => follow(keyspace, [...folders], read, succeeded, t);
      await race<unknown>(
        s,
        (t) => untilAny([found, placing], hasNewFolder, t),
        ...(folders.size > 0 ? [following] : []),
      );
    }
  };
  const consequence = "registered entries stay until their TTL expires";
  const supervision = { backoff: reconnect, reporter, consequence };
  await runAll(
    signal,
    (s) => supervise(work, supervision, { clock, random }, s),
    ...(read === observed ? [] : [(s: AbortSignal) => mirror(read, observed, s)]),
  );
}

/** Keeps `observed` equal to what is read of a keyspace that has replaced another one. */
async function mirror(
  read: Cell<Snapshot | undefined>,
  observed: PresenceState["observed"],
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const { value, version } = read;
    observed.set(value);
    await read.newer(version, signal);
  }
}

function folderAbove(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}
