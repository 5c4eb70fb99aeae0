import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import { race } from "../../lib/base/signal.ts";
import { supervise } from "../../lib/base/supervise.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { type PresenceDeps, type PresenceState, reconnect } from "./state.ts";

/**
 * Keeps `observed` equal to the folders of our services, so that an entry which another client removes or overwrites is
 * noticed. A folder stays watched once it was: the instances that left it are likely to come back.
 */
export async function watchOwnKeys(
  placing: Placing,
  { found, observed }: Pick<PresenceState, "found" | "observed">,
  reporter: FaultReporter,
  { keyspace, clock, random }: Pick<PresenceDeps, "keyspace" | "clock" | "random">,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set<string>();
  const hasNewFolder = () => {
    const { size } = folders;
    const { keyOf } = placesOf(placing);
    for (const { instance } of found.value.found) folders.add(folderAbove(keyOf(nameOf(instance))));
    return folders.size > size;
  };
  const work = async (succeeded: () => void, s: AbortSignal): Promise<never> => {
    for (;;) {
      if (folders.size === 0) succeeded();
      const following = (t: AbortSignal) => follow(keyspace, [...folders], observed, succeeded, t);
      await race<unknown>(
        s,
        (t) => found.until(hasNewFolder, t),
        ...(folders.size > 0 ? [following] : []),
      );
    }
  };
  const consequence = "registered entries stay until their TTL expires";
  await supervise(work, { backoff: reconnect, reporter, consequence }, { clock, random }, signal);
}

function folderAbove(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}
