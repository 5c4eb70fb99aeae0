import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { KeySource, Session } from "../contract.ts";
import { faults } from "../faults.ts";
import { readSnapshot } from "../read-snapshot.ts";
import { holds, placeIn, queueIn } from "./queue.ts";

/** A turn, for as long as it lasts. */
export interface Turn {
  /**
   * Proves that the turn lasts, unless that was proved less than half a TTL ago: to be called right before something is begun that
   * only one may do. Throws KEYSPACE_TURN_LOST.
   */
  confirm(signal: AbortSignal): Promise<void>;
}

/** The turn that the entry of a session stands for, as the keyspace proves it. */
export class HeldTurn implements Turn {
  readonly #keyspace: KeySource;
  readonly #session: Session;
  readonly #place: { readonly folder: string; readonly key: string };
  readonly #clock: Clock;
  /** When the request was sent that has proved it last. */
  #provedMs = Number.NEGATIVE_INFINITY;

  constructor(
    keyspace: KeySource,
    session: Session,
    place: { readonly folder: string; readonly key: string },
    clock: Clock,
  ) {
    this.#keyspace = keyspace;
    this.#session = session;
    this.#place = place;
    this.#clock = clock;
  }

  async confirm(signal: AbortSignal): Promise<void> {
    const { ttlMs, expired } = this.#session;
    const limitMs = ttlMs / 2;
    const { folder, key } = this.#place;
    if (expired.aborted) throw faults.KEYSPACE_TURN_LOST({ key, why: "its session has expired" });
    const startMs = this.#clock.now();
    if (startMs - this.#provedMs < limitMs) return;
    const place = await withTimeout(
      limitMs,
      async (s) => placeIn(queueIn(await this.#read(s), folder), key),
      () => {
        throw faults.KEYSPACE_TURN_LOST({ key, why: "the keyspace does not answer" });
      },
      this.#clock,
      signal,
    );
    if (!place) throw faults.KEYSPACE_TURN_LOST({ key, why: "its entry was removed" });
    if (!holds(place)) throw faults.KEYSPACE_TURN_LOST({ key, why: "others are before it" });
    // A process that stood still meanwhile may have been answered long ago.
    if (this.#clock.now() - startMs >= limitMs || expired.aborted) {
      throw faults.KEYSPACE_TURN_LOST({ key, why: "the answer of the keyspace is out of date" });
    }
    this.#provedMs = startMs;
  }

  async #read(signal: AbortSignal): Promise<Snapshot> {
    const { folder, key } = this.#place;
    try {
      return await readSnapshot(this.#keyspace, [folder], signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      throw faults.KEYSPACE_TURN_LOST({ key, why: "the keyspace is unreachable" }, error);
    }
  }
}
