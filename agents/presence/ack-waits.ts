import { type Current, untilEach } from "../../lib/base/cell.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Drained } from "../../lib/control/contract.ts";
import { type AckDeps, type Acks, waitForAcks } from "../../lib/keyspace/acks/wait.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { markedAt } from "../../lib/presence/drain.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import type { Destinations, MissingThere } from "./destinations/destinations.ts";
import { listed } from "./listed.ts";
import type { PresenceState } from "./state.ts";

export interface AckWaitsDeps extends Pick<AckDeps, "clock" | "random"> {
  readonly keyspace: KeySource;
  readonly destinations?: Destinations | undefined;
  readonly log: Log;
}

/** The instances that are waited for, with the watchers that have not acknowledged. */
type Missing = Drained["missing"];

/** The entries to wait for, as they should be and as they are, and the session that has them. */
type WaitState = Pick<PresenceState, "desired" | "observed" | "storeKeys" | "session">;

type AckPlan = Placing & Pick<PresencePlan, "drainDelayMs">;

/** Waits until watchers send no new requests to draining instances, and knows which watchers it waits for. */
export class AckWaits {
  readonly #plan: Current<AckPlan>;
  readonly #state: WaitState;
  readonly #deps: AckWaitsDeps;
  /** By wait. */
  readonly #missing = new Map<symbol, Missing>();

  constructor(plan: Current<AckPlan>, state: WaitState, deps: AckWaitsDeps) {
    this.#plan = plan;
    this.#state = state;
    this.#deps = deps;
  }

  /** The watchers that are waited for now, by the name of the instance. */
  get waitingFor(): ReadonlyMap<string, readonly string[]> {
    const all = new Set([...this.#missing.values()].flat());
    const byName = Map.groupBy(all, ({ name }) => name);
    return new Map(
      Array.from(byName, ([name, missing]) => [
        name,
        [...new Set(missing.map(({ watcher }) => watcher))].sort(),
      ]),
    );
  }

  /**
   * Waits until every watcher that serves the instances sends no new requests to them, `limitMs` at the most, and at least
   * for the drain delay: requests under way are to be answered, and other clients may read the keyspace without acknowledging.
   * A destination counts as a watcher, with a limit of its own. Logs which watchers it waits for, at the begin and whenever these
   * are others. Returns what is missing at the limit.
   */
  async wait(
    names: readonly string[],
    limitMs: number,
    signal: AbortSignal,
    destinationLimitMs = limitMs,
  ): Promise<Missing> {
    const { clock, destinations } = this.#deps;
    const [wait, waitThere] = [Symbol(), Symbol()];
    const startMs = clock.now();
    try {
      await runAll(
        signal,
        (s) => clock.sleep(Math.min(this.#plan.value.drainDelayMs, limitMs), s),
        async (s) => {
          const keys = names.map(placesOf(this.#plan.value).keyOf);
          const marked = await this.#marked(keys, limitMs, s);
          const restMs = Math.max(0, limitMs - (clock.now() - startMs));
          await this.#acknowledged(wait, marked, keys, restMs, s);
        },
        async (s) => {
          const onMissing = (all: readonly MissingThere[]) =>
            this.#missing.set(
              waitThere,
              all.map(({ name, destination }) => ({ name, watcher: destination })),
            );
          await destinations?.untilDrained(names, destinationLimitMs, onMissing, s);
        },
      );
      return [wait, waitThere].flatMap((one) => this.#missing.get(one) ?? []);
    } finally {
      this.#missing.delete(wait);
      this.#missing.delete(waitThere);
    }
  }

  /** Waits for the acknowledgements of entries with these revisions. */
  async #acknowledged(
    wait: symbol,
    marked: ReadonlyMap<string, string>,
    keys: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { keyspace, clock, random, log } = this.#deps;
    const { nameAt } = placesOf(this.#plan.value);
    const names = new Map(keys.map((key) => [this.#storeKeyOf(key), nameAt(key)]));
    let logged = "";
    const onMissing = (open: Acks["missing"]) => {
      const missing = open.map(({ watcher, key }) => ({
        watcher,
        name: names.get(key) ?? nameAt(key),
      }));
      this.#missing.set(wait, missing);
      logged = logWaiting(missing, logged, log);
    };
    const deps = { clock, random, onMissing };
    const acks = await waitForAcks(keyspace, marked, limitMs, deps, signal);
    onMissing(acks.missing);
    logIgnored(acks, log);
  }

  /** The revisions at which the keyspace has the draining entries: of all of them, or of the ones it has at the limit. */
  async #marked(
    keys: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { desired, observed, storeKeys } = this.#state;
    const marked = (some: readonly string[]) =>
      markedAt(some, desired.value, observed.value, this.#storeKeyOf);
    const isMarked = (key: string) => marked([key]).isComplete || this.#isForeign(key);
    await withTimeout(
      limitMs,
      (s) => untilEach([desired, observed, storeKeys], keys, isMarked, s),
      () => {},
      this.#deps.clock,
      signal,
    );
    return marked(keys).revisions;
  }

  readonly #storeKeyOf = (key: string): string => this.#state.storeKeys.value.get(key) ?? key;

  /** Whether the session of another agent has the entry: it cannot be marked. */
  #isForeign(key: string): boolean {
    const owner = this.#state.observed.value?.get(this.#storeKeyOf(key))?.owner;
    return owner !== undefined && owner !== this.#state.session.value?.id;
  }
}

/** Logs the watchers that are waited for, unless they are the logged ones. Returns the ones that are logged now. */
function logWaiting(missing: Missing, logged: string, log: Log): string {
  const watchers = [...new Set(missing.map(({ watcher }) => watcher))].sort();
  const now = watchers.join("\n");
  if (now === logged || watchers.length === 0) return now;
  const ids = [...new Set(missing.map(({ name }) => name))];
  const sentence = `the drain of ${listed(ids)} waits for ${watchers.length === 1 ? "watcher" : "watchers"} ${listed(watchers)}`;
  log.info("drain_waiting", sentence, { ids, watchers });
  return now;
}

function logIgnored({ ignored }: Acks, log: Log): void {
  for (const { key, why } of ignored) {
    const sentence = `${key} does not count as a watcher, and drains do not wait for it: ${why}`;
    log.warn("watcher_entry_ignored", sentence, { key, why });
  }
}
