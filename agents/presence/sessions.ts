import { Cell, untilAny } from "../../lib/base/cell.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { withTasks } from "../../lib/base/tasks.ts";
import type { OwnerStates } from "../../lib/keyspace/conflicts.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import { currentKeyspace } from "../../lib/keyspace/current-keyspace.ts";
import { InUse } from "../../lib/keyspace/in-use.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { type Registering, Registration, type Store, withYielding } from "./registration.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** Where entries are registered, and for how long they outlive the agent. */
export interface SessionTarget {
  readonly keyspace: Keyspace;
  readonly ttlMs: number;
}

/** Where the entries of an agent are to be registered, and where they are. */
export class Sessions {
  readonly target: Cell<SessionTarget>;
  /** The keyspace that has the entries: set by `keepRegistered`. */
  readonly store: Cell<Store>;
  /** Counts the sessions that are not closed. */
  readonly inUse: InUse;
  /** The keyspace that has the entries, whichever that is. */
  readonly keyspace: Keyspace;

  constructor(
    keyspace: Keyspace,
    ttlMs: number,
    observed: PresenceState["observed"],
    inUse: InUse = new InUse(),
  ) {
    this.inUse = inUse;
    this.target = new Cell<SessionTarget>({ keyspace, ttlMs });
    this.store = new Cell<Store>({ keyspace, observed });
    this.keyspace = currentKeyspace(() => this.store.value.keyspace, inUse);
  }
}

interface Running {
  readonly registration: Registration;
  readonly stop: () => void;
  /** Forgets the ones that it has taken over from, and these the ones before them: they are many in the end. */
  readonly forget: () => void;
}

/**
 * Keeps the keyspace of the target equal to `desired`. With another target, a second session registers everything there, taking over
 * what the first one has of the same store; the first one serves until then, and is closed after that: no key is absent.
 */
export async function keepRegistered(
  { target, store, inUse }: Sessions,
  plan: Cell<Placing>,
  state: PresenceState,
  registering: Registering,
  deps: Pick<PresenceDeps, "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const changes = new Cell(0);
  const onChange = () => changes.set(changes.value + 1);
  /** The first one serves, and the last one is to. */
  const all: Running[] = [];
  await withTasks(signal, async (start, s) => {
    const begin = ({ keyspace, ttlMs }: SessionTarget) => {
      let before: readonly Running[] = [...all];
      const last = before.at(-1)?.registration.settings.store ?? store.value;
      const own = last.keyspace === keyspace ? last : storeOf(keyspace);
      const owners = before.length > 0 ? new Cell<OwnerStates>(new Map()) : state.owners;
      const yielding = () => idsOf(before);
      const later = () =>
        all.filter((one) => !before.includes(one) && one.registration !== registration);
      const isSuperseded = () => later().length > 0;
      const isSuccessor = (id: string) => idsOf(later()).includes(id);
      const formOf = (key: string) => placesOf(plan.value).formOf(key);
      const settings = { store: own, ttlMs, formOf, owners, isSuperseded, isSuccessor };
      const registration: Registration = new Registration(
        settings,
        state,
        registering,
        deps,
        onChange,
      );
      const tasks = [
        ...(before.length > 0
          ? [(t: AbortSignal) => withYielding(state, yielding, changes, owners, t)]
          : []),
        (t: AbortSignal) => registration.run(t),
      ];
      const stop = start((t) => inUse.during(keyspace, () => runAll(t, ...tasks)));
      const forget = () => {
        before = [];
      };
      all.push({ registration, stop, forget });
      return registration;
    };
    let latest = begin(target.value);
    latest.serve();
    for (;;) {
      const { value, version } = target;
      if (!isFor(latest, value)) latest = begin(value);
      const hasConverged = () => latest.hasConverged;
      if (all.length > 1) {
        await race(
          s,
          (t) => untilAny([changes], hasConverged, t),
          (t) => target.newer(version, t),
        );
        if (hasConverged()) replace(all.splice(0, all.length - 1), latest);
        else continue;
      }
      await target.newer(version, s);
    }
  });

  /** The latest registration serves from now on, and the former ones are closed. */
  function replace(former: readonly Running[], latest: Registration): void {
    const [serving] = former;
    serving?.registration.retire();
    latest.serve();
    if (latest.settings.store !== store.value) store.set(latest.settings.store);
    if (serving) logMoved(serving.registration, latest, deps.log);
    for (const { stop } of former) stop();
    for (const { forget } of all) forget();
  }
}

function storeOf(keyspace: Keyspace): Store {
  return { keyspace, observed: new Cell<Snapshot | undefined>(undefined) };
}

function idsOf(some: readonly Running[]): readonly string[] {
  return some.flatMap(({ registration: { session } }) => (session ? [session.id] : []));
}

function isFor({ settings }: Registration, target: SessionTarget): boolean {
  return settings.store.keyspace === target.keyspace && settings.ttlMs === target.ttlMs;
}

function logMoved(from: Registration, to: Registration, log: Log): void {
  const [before, after] = [from.settings, to.settings];
  const keys = to.size;
  const ttl = `with a TTL of ${formatDuration(after.ttlMs)}`;
  const isElsewhere = before.store.keyspace !== after.store.keyspace;
  const where = isElsewhere ? `to ${after.store.keyspace.url}` : "to a new session";
  const sentence = `${keys} ${keys === 1 ? "entry has" : "entries have"} moved ${where} ${ttl}`;
  log.info("entries_moved", sentence, {
    keys,
    keyspace: after.store.keyspace.url,
    ttlMs: after.ttlMs,
  });
}
