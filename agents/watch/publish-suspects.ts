import { Cell } from "../../lib/base/cell.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { runEach } from "../../lib/base/run-each.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { publishSuspects } from "../../lib/keyspace/suspects/publish.ts";
import { isReadOnly } from "../../lib/keyspace/url.ts";
import { type Suspect, type Suspects, suspectsFolder } from "../../lib/model/suspects-entry.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";
import type { WatchDeps } from "./state.ts";
import type { Watched } from "./watched.ts";

/** The suspects that are registered in one keyspace. */
interface Published {
  readonly keyspace: Mount["keyspace"];
  readonly folder: string;
  readonly own: Cell<Suspects>;
}

/**
 * Publishes what the proxies of a watcher have against instances: in each keyspace the suspects that are registered there. A keyspace that a
 * reload of the configuration leaves keeps its entry.
 */
export async function publishProxySuspects(
  { plan, mounts, statuses }: Watched,
  id: string,
  keyspaces: Cell<FollowedKeyspaces>,
  { clock, random, log, inUse }: Pick<WatchDeps, "clock" | "random" | "log" | "inUse">,
  signal: AbortSignal,
): Promise<void> {
  const published = new Cell<readonly Published[]>([]);
  const collecting = async (s: AbortSignal) => {
    for (;;) {
      const found = statuses.value.map(({ suspects }) => suspects);
      const cells = [plan, mounts, statuses, keyspaces, ...found];
      const versions = cells.map(({ version }) => version);
      const targets = plan.value.acknowledge ? writableIn(keyspaces.value) : [];
      const next = targets.map((mount) => publishedIn(mount, published.value));
      if (!isSame(next, published.value)) published.set(next);
      const all = found.flatMap(({ value }) => [...value]);
      for (const [i, { own }] of next.entries()) {
        const ofMount = suspectsIn(targets[i], all, mounts.value);
        if (ofMount.size + own.value.size > 0) own.set(ofMount);
      }
      await race(s, ...cells.map((cell, i) => (t: AbortSignal) => cell.newer(versions[i] ?? 0, t)));
    }
  };
  const onFault = denialLogger(log);
  const publish = async ({ keyspace, own }: Published, s: AbortSignal) => {
    using _ = inUse?.begin(keyspace);
    await publishSuspects(keyspace, id, own, { clock, random, onFault }, s);
  };
  await runAll(signal, collecting, (s) => runEach(published, publish, s));
}

function writableIn({ all }: FollowedKeyspaces): readonly Mount[] {
  return all.map(({ mount }) => mount).filter(({ keyspace }) => !isReadOnly(keyspace.url));
}

/** The suspects of a keyspace; the same object as before if that is known. */
function publishedIn({ keyspace, folder }: Mount, before: readonly Published[]): Published {
  const known = before.find((one) => one.keyspace === keyspace && one.folder === folder);
  return known ?? { keyspace, folder, own: new Cell<Suspects>(new Map()) };
}

function isSame(a: readonly Published[], b: readonly Published[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** The suspects of one keyspace, by the keys that they have there. */
function suspectsIn(
  mount: Mount | undefined,
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
