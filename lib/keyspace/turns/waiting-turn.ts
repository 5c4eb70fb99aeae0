import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { encodeTurn, turnsFolderOf } from "../../model/turn-entry.ts";
import type { KeySource, Session } from "../contract.ts";
import { follow } from "../follow.ts";
import { HeldTurn, type Turn } from "./held-turn.ts";
import { holds, type Place, placeIn, type Queue, queueIn } from "./queue.ts";

/** How soon an unreachable keyspace is tried again by a watcher that keeps its place meanwhile. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

/** How often the queue is looked at although it has not changed, in milliseconds. */
const lookMs = 10_000;

export interface TurnRequest {
  readonly group: string;
  /** The last part of the key; unique among all that queue. */
  readonly name: string;
  readonly watcher: string;
  readonly max: number;
  /** The names of the templates whose proxy has to reload. */
  readonly for: string;
}

export interface TurnDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called whenever the place in the queue has become another. */
  readonly onPlace?: (place: Place) => void;
  /** Called with each fault of a keyspace that cannot be reached, and with undefined once it is reached. */
  readonly onContact?: (fault: Fault | undefined) => void;
  /**
   * Asked while others reload, if `max` permits another one: whether this one may reload beside them. `queued` has the names of all
   * watchers in the queue. By default it may.
   */
  readonly mayShare?: (queued: ReadonlySet<string>, signal: AbortSignal) => Promise<boolean>;
}

/** An entry in the queue, kept by a session. One that another client removes is written again, at the end. */
export class WaitingTurn {
  readonly #keyspace: KeySource;
  readonly #session: Session;
  readonly #request: TurnRequest;
  readonly #deps: TurnDeps;
  readonly #folder: string;
  readonly #key: string;
  readonly #held: HeldTurn;
  readonly #seen = new Cell<Snapshot | undefined>(undefined);
  #place: Place | undefined;
  /** How often it was written. */
  #n = 0;

  constructor(keyspace: KeySource, session: Session, request: TurnRequest, deps: TurnDeps) {
    this.#keyspace = keyspace;
    this.#session = session;
    this.#request = request;
    this.#deps = deps;
    this.#folder = turnsFolderOf(request.group);
    this.#key = `${this.#folder}/${request.name}`;
    const place = { folder: this.#folder, key: this.#key };
    this.#held = new HeldTurn(keyspace, session, place, deps.clock);
  }

  /** Resolves once the turn has come. */
  async untilHeld(signal: AbortSignal): Promise<Turn> {
    await race<unknown>(
      signal,
      (s) => this.#follow(s),
      async (s) => {
        await this.#write(s);
        await this.#waitInQueue(s);
      },
    );
    return this.#held;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const following = (progress: () => void, s: AbortSignal) => {
      const onBatch = () => {
        progress();
        this.#deps.onContact?.(undefined);
      };
      return follow(this.#keyspace, [this.#folder], this.#seen, onBatch, s);
    };
    await this.#patiently(following, signal);
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { max, watcher, for: what } = this.#request;
    const write = async (progress: () => void, s: AbortSignal) => {
      const since = new Date().toISOString();
      this.#n += 1;
      const own = { session: this.#session.id, watcher, max, for: what, since, n: this.#n };
      await this.#session.put(this.#key, encodeTurn(own), s, { overwrites: true });
      progress();
    };
    await this.#patiently(write, signal);
  }

  async #waitInQueue(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { version, value } = this.#seen;
      const before = this.#place;
      const queue = value && queueIn(value, this.#folder);
      const place = queue && placeIn(queue, this.#key);
      this.#place = place;
      if (place && !isSame(place, before)) this.#deps.onPlace?.(place);
      if (place && (await this.#isTurn(place, queue, signal))) return;
      // An operator has cleared it.
      if (before && !place) await this.#write(signal);
      // A turn that could not be confirmed is tried again although nothing has changed.
      const againMs = place && holds(place) ? backoff.maxMs : lookMs;
      await race(
        signal,
        (s) => this.#seen.newer(version, s),
        (s) => this.#deps.clock.sleep(againMs, s),
      );
    }
  }

  async #isTurn(place: Place, { turns }: Queue, signal: AbortSignal): Promise<boolean> {
    if (!holds(place)) return false;
    const { mayShare } = this.#deps;
    const queued = new Set(turns.map(({ watcher }) => watcher));
    if (place.before > 0 && mayShare && !(await mayShare(queued, signal))) return false;
    try {
      await this.#held.confirm(signal);
      return true;
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      return false;
    }
  }

  async #patiently(
    work: (progress: () => void, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random, onContact } = this.#deps;
    const onFault = (fault: Fault) => onContact?.(fault);
    await retry(work, backoff, { clock, random, onFault }, signal);
  }
}

function isSame(place: Place, known: Place | undefined): boolean {
  return place.before === known?.before && place.of === known.of && place.slots === known.slots;
}
