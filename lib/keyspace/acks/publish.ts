import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import type { FaultReporter } from "../../base/fault-reporter.ts";
import type { Log } from "../../base/log.ts";
import type { Backoff } from "../../base/retry.ts";
import { supervise } from "../../base/supervise.ts";
import { type Entries, isWithin, outermost } from "../../model/entry.ts";
import { encodeWatcherEntry, watchersFolder } from "../../model/watcher-entry.ts";
import type { KeySink } from "../contract.ts";
import { publish } from "../publish.ts";

/** How long the entry of a watcher outlives one that is killed, in milliseconds: so long drains wait for it. */
const ttlMs = 10_000;

/** A watcher without permission to write tries again seldom. */
const backoff: Backoff = { firstMs: 500, maxMs: 60_000 };

export interface WatcherEntryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly reporter: FaultReporter;
}

/** Files that are verified together. */
export interface WatchedGroup {
  /** The folders of the keyspace that they are made from. */
  readonly prefixes: readonly string[];
}

/** The entries of instances that take no new requests: revision by key. */
export type DrainedEntries = ReadonlyMap<string, string>;

/**
 * The entry of a watcher, by which it acknowledges drains: it has the folders that the watcher reads, and the draining
 * instances that its proxies were verified to send no new requests to. It is written at the start, and whenever the list
 * of drained instances changes; never otherwise.
 */
export class WatcherEntryPublisher {
  readonly desired: Cell<Entries>;
  readonly #key: string;
  readonly #prefixes: readonly string[];
  /** Undefined for a group until it was verified. */
  readonly #drained: Map<WatchedGroup, DrainedEntries | undefined>;

  /** `id` is unique among all watchers of the keyspace. */
  constructor(id: string, groups: readonly WatchedGroup[]) {
    this.#key = `${watchersFolder}/${id}`;
    this.#prefixes = outermost(groups.flatMap(({ prefixes }) => prefixes));
    this.#drained = new Map(groups.map((group) => [group, undefined]));
    this.desired = new Cell(this.#entries());
  }

  /** The files of a group, and the proxy that reads them, were verified; these instances are drained there. */
  verified(group: WatchedGroup, drained: DrainedEntries): void {
    this.#drained.set(group, drained);
    const entries = this.#entries();
    if (entries.get(this.#key) !== this.desired.value.get(this.#key)) this.desired.set(entries);
  }

  /** Keeps the entry in the keyspace. A watcher that may not write it logs that once and goes on. */
  async keep(
    keyspace: KeySink,
    { clock, random, log, reporter }: WatcherEntryDeps,
    signal: AbortSignal,
  ): Promise<void> {
    let isDenialLogged = false;
    const report = (fault: Fault, waitMs: number) => {
      if (fault.code !== "KEYSPACE_PERMISSION_DENIED") return reporter.report(fault, waitMs);
      if (isDenialLogged) return;
      isDenialLogged = true;
      const sentence = `${fault.message}; drains do not wait for this watcher: grant it write permission below ${watchersFolder}, or set watch.acknowledge to false`;
      log.warn("watcher_entry_denied", sentence, { code: fault.code, key: this.#key });
    };
    const publishing = (succeeded: () => void, s: AbortSignal) => {
      const deps = { clock, random, onFault: report, onConverged: succeeded };
      return publish(keyspace, this.desired, { ttlMs, backoff }, deps, s);
    };
    const supervision = { backoff, reporter: { report, resolved: () => reporter.resolved() } };
    await supervise(publishing, supervision, { clock, random }, signal);
  }

  #entries(): Entries {
    const value = encodeWatcherEntry({ prefixes: this.#prefixes, drained: this.#agreed() });
    return new Map([[this.#key, value]]);
  }

  /** The instances that are drained in every group which reads them. */
  #agreed(): DrainedEntries {
    const groups = [...this.#drained];
    const all = groups.flatMap(([, drained]) => [...(drained ?? [])]);
    const agreed = all.filter(([key, revision]) =>
      groups.every(([group, drained]) => drained?.get(key) === revision || !reads(group, key)),
    );
    return new Map(agreed.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function reads({ prefixes }: WatchedGroup, key: string): boolean {
  return prefixes.some((prefix) => isWithin(key, prefix));
}
