import { Cell } from "../../lib/base/cell.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { publishSuspects } from "../../lib/keyspace/suspects/publish.ts";
import { isReadOnly } from "../../lib/keyspace/url.ts";
import { type Suspect, type Suspects, suspectsFolder } from "../../lib/model/suspects-entry.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";
import type { WatchDeps } from "./state.ts";
import type { GroupStatus } from "./status.ts";

/** Publishes what the proxies of a watcher have against instances: in each keyspace the suspects that are registered there. */
export async function publishProxySuspects(
  statuses: readonly GroupStatus[],
  id: string,
  { all }: FollowedKeyspaces,
  { mounts, clock, random, log }: Pick<WatchDeps, "mounts" | "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const writable = all.filter(({ mount }) => !isReadOnly(mount.keyspace.url));
  const cells = writable.map(({ mount }) => ({ mount, own: new Cell<Suspects>(new Map()) }));
  const found = statuses.map(({ suspects }) => suspects);
  const collecting = async (s: AbortSignal) => {
    for (;;) {
      const versions = found.map(({ version }) => version);
      for (const { mount, own } of cells) {
        const ofMount = suspectsIn(
          mount,
          found.flatMap(({ value }) => [...value]),
          mounts,
        );
        if (ofMount.size + own.value.size > 0) own.set(ofMount);
      }
      await race(s, ...found.map((cell, i) => (t: AbortSignal) => cell.newer(versions[i] ?? 0, t)));
    }
  };
  const onFault = denialLogger(log);
  const publishing = cells.map(({ mount, own }) => (s: AbortSignal) => {
    return publishSuspects(mount.keyspace, id, own, { clock, random, onFault }, s);
  });
  await runAll(signal, collecting, ...publishing);
}

/** The suspects of one keyspace, by the keys that they have there. */
function suspectsIn(
  mount: Mount,
  all: readonly (readonly [path: string, suspect: Suspect])[],
  mounts: Mounts,
): Suspects {
  const own = new Map<string, Suspect>();
  for (const [path, { suspicion, why }] of all) {
    const located = mounts.locate(path);
    if (located.mount === mount) own.set(located.key, { suspicion, why });
  }
  return own;
}

/** Logs the first denial. An unreachable keyspace is reported by other loops. */
function denialLogger(log: Log): (fault: Fault) => void {
  let isLogged = false;
  return ({ code, message }) => {
    if (code !== "KEYSPACE_PERMISSION_DENIED" || isLogged) return;
    isLogged = true;
    const sentence = `${message}; agents do not learn which of their instances the proxies here fail to use: grant write permission below ${suspectsFolder}, or set watch.observe to false`;
    log.warn("suspects_denied", sentence, { code });
  };
}
