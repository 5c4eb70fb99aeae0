import { untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import type { Reason } from "../../lib/journal/contract.ts";
import type { Changes } from "../../lib/model/changes.ts";
import { changesBetween } from "../../lib/view/changes.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { Settler, type Settling } from "../../lib/view/settle.ts";
import { visibleChanges } from "../../lib/view/visible.ts";
import type { News } from "./group-changes.ts";
import type { TemplateGroup } from "./groups.ts";
import type { WatchState } from "./state.ts";
import type { GroupStatus } from "./status.ts";

/** Called with groups whose files are in sync with these services as they are. */
type OnVerified = (groups: readonly TemplateGroup[], pools: Pools) => void;

/** The versions of the cells whose changes were followed. */
export interface SeenVersions {
  snapshot: number;
  expired: number;
  resolution: number;
}

/**
 * Wakes the groups whose files may be other ones after a change: of keys, once they settle, of the addresses of host names, once
 * these settle, or of the instances that are retained. The others are in sync with the new state as they are: they cost no
 * rendering. `seen` goes on with the next call, for other groups.
 */
export async function followChanges(
  statuses: readonly GroupStatus[],
  settling: Settling,
  { snapshot, expired, views, nameView, policies }: WatchState,
  onVerified: OnVerified,
  clock: Clock,
  seen: SeenVersions,
  signal: AbortSignal,
): Promise<void> {
  const { resolution } = nameView;
  const [keys, names] = [new Settler(settling, clock), new Settler(settling, clock)];
  const resolvesNames = statuses.some(({ group }) => group.resolvesNames);
  // Other groups, or rules, than before: the same keys may be news.
  let isAnew = snapshot.value !== undefined;
  for (;;) {
    keys.endUpdate();
    names.endUpdate();
    const areKeysNew = () => snapshot.version > seen.snapshot;
    const areNamesNew = () => resolution.version > seen.resolution;
    const isExpired = () => expired.version > seen.expired;
    const isNews = () => isAnew || areKeysNew() || areNamesNew() || isExpired();
    await untilAny([snapshot, resolution, expired], isNews, signal);
    const seenMs = clock.now();
    // Most changes need not settle: no race is built for these.
    const areKeysTaken = areKeysNew() && keys.takesAtOnce();
    const areNamesTaken = areNamesNew() && names.takesAtOnce();
    if (!isAnew && !areKeysTaken && !areNamesTaken && !isExpired()) {
      await race<unknown>(
        signal,
        (s) => keys.next(snapshot, seen.snapshot, s),
        (s) => expired.newer(seen.expired, s),
        (s) => names.next(resolution, seen.resolution, s),
      );
    }
    const reasons: Reason[] = [];
    if (expired.version > seen.expired) reasons.push("expired");
    if (resolution.version > seen.resolution) reasons.push("names");
    isAnew = false;
    seen.snapshot = snapshot.version;
    seen.expired = expired.version;
    seen.resolution = resolution.version;
    if (!snapshot.value) continue;
    const plain = views.of(snapshot.value);
    const resolved = resolvesNames ? nameView.observe(plain) : plain;
    const news = { reasons, seenMs };
    const shape = (group: TemplateGroup, pools: Pools) => policies.of(group).shape(pools);
    wake(statuses, { plain, resolved, shape }, news, onVerified);
  }
}

/** The services as they are, and with the addresses of their host names. */
interface Latest {
  readonly plain: Pools;
  readonly resolved: Pools;
  /** The same as a group would have them by its policies. */
  readonly shape: (group: TemplateGroup, pools: Pools) => Pools;
}

function wake(
  statuses: readonly GroupStatus[],
  { plain, resolved, shape }: Latest,
  { reasons, seenMs }: News,
  onVerified: OnVerified,
): void {
  const comparison = new Comparison();
  const same: TemplateGroup[] = [];
  for (const status of statuses) {
    const { group, inSync } = status;
    const now = group.resolvesNames ? resolved : plain;
    if (inSync === now) continue;
    if (!inSync || comparison.concerns(group, inSync, now)) {
      const own = reasons.filter((one) => one !== "names" || group.resolvesNames);
      status.changes.add({ reasons: own, seenMs });
      continue;
    }
    status.stays(now, shape(group, now));
    same.push(group);
  }
  if (same.length > 0) onVerified(same, plain);
}

/** Compares services that files are in sync with and later ones, once for all groups: most are in sync with the same ones. */
class Comparison {
  readonly #changes = new Map<Pools, Map<Pools, Changes>>();

  /** Whether a file of a group may be another one after the changes. */
  concerns({ files }: TemplateGroup, before: Pools, now: Pools): boolean {
    const changes = this.#between(before, now);
    return files.some(({ plan, source }) =>
      source.dependsOn(visibleChanges(changes, now, plan.prefixes)),
    );
  }

  #between(before: Pools, now: Pools): Changes {
    const known = this.#changes.get(before) ?? new Map<Pools, Changes>();
    this.#changes.set(before, known);
    const changes = known.get(now) ?? changesBetween(before, now);
    known.set(now, changes);
    return changes;
  }
}
