import { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { race, runAll } from "../../../lib/base/signal.ts";
import { untilRoll } from "../../../lib/keyspace/acks/roll.ts";
import type { Mount } from "../../../lib/keyspace/mounts/mounts.ts";
import { isWithinAny } from "../../../lib/model/entry.ts";
import type { Pool } from "../../../lib/model/pool.ts";
import type { Place } from "../../../lib/view/policies/contract.ts";

/** The watchers of the keyspaces. */
export interface WatcherOrder {
  /** The name of this one. */
  readonly own: string;
  /** All others, each with the folders that it reads, as paths. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

/** The place of a watcher among all that read a service. */
export type PlaceOf = ((pool: Pool) => Place | undefined) & { readonly of?: WatcherOrder };

/** Other watchers take other parts of the instances once none has come or gone for so many milliseconds. */
const settleMs = 30_000;

/** How long one attempt to follow the watchers lasts, in milliseconds. */
const dayMs = 86_400_000;

/** Returns `before` for the same watchers. Each service costs a look at all of them, once. */
export function placesIn(order: WatcherOrder | undefined, before: PlaceOf): PlaceOf {
  if (!order || before.of === order) return before;
  const known = new Map<string, Place>();
  const placeOf = ({ name, instances: [first] }: Pool) => {
    const place = known.get(name) ?? placeAmong(order, first?.key ?? "");
    known.set(name, place);
    return place;
  };
  return Object.assign(placeOf, { of: order });
}

function placeAmong({ own, others }: WatcherOrder, key: string): Place {
  const reading = [...others].filter(([, prefixes]) => isWithinAny(key, prefixes));
  const index = reading.filter(([name]) => name < own).length;
  return { index, count: reading.length + 1 };
}

/** Sets `order` to the watchers of all keyspaces: at once to the first ones, and to others once they have settled. */
export async function followOrder(
  order: Cell<WatcherOrder | undefined>,
  own: string,
  keyspaces: readonly { readonly mount: Mount }[],
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
  signal: AbortSignal,
): Promise<void> {
  const seen = new Cell<ReadonlyMap<unknown, WatcherOrder["others"]>>(new Map());
  const following = keyspaces.map(({ mount }) => async (s: AbortSignal) => {
    for (;;) {
      const onRoll = ({ watchers }: Parameters<Parameters<typeof untilRoll>[1]>[0]) => {
        const others = watchers.filter(({ name }) => name !== own);
        const paths = others.map(({ name, prefixes }) => {
          return [name, prefixes.map((prefix) => `${mount.folder}${prefix}`)] as const;
        });
        const now = new Map(paths);
        if (!isSame(seen.value.get(mount), now)) seen.set(new Map(seen.value).set(mount, now));
        return false;
      };
      await untilRoll(mount.keyspace, onRoll, dayMs, { clock, random }, s);
    }
  });
  const settling = async (s: AbortSignal) => {
    for (;;) {
      await seen.until(({ size }) => size === keyspaces.length, s);
      const { version, value } = seen;
      const isQuiet =
        order.value === undefined ||
        (await race(
          s,
          (t) => seen.newer(version, t).then(() => false),
          (t) => clock.sleep(settleMs, t).then(() => true),
        ));
      if (!isQuiet) continue;
      order.set({ own, others: merged([...value.values()]) });
      await seen.newer(version, s);
    }
  };
  await runAll(signal, ...following, settling);
}

/** A watcher of several keyspaces has one name in all of them. */
function merged(all: readonly WatcherOrder["others"][]): WatcherOrder["others"] {
  const others = new Map<string, readonly string[]>();
  for (const one of all) {
    for (const [name, prefixes] of one)
      others.set(name, [...(others.get(name) ?? []), ...prefixes]);
  }
  return others;
}

function isSame(a: WatcherOrder["others"] | undefined, b: WatcherOrder["others"]): boolean {
  return a !== undefined && JSON.stringify([...a]) === JSON.stringify([...b]);
}
