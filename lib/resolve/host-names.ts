import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import { abortable, race } from "../base/signal.ts";
import { emptyResolution, type Resolution, type Resolved } from "../model/resolution.ts";
import type { AddressLookup, KnownAddresses } from "./contract.ts";
import { faults } from "./faults.ts";
import { found, type HostName, isUnconfirmed, missed, nameWith, unknownName } from "./host-name.ts";

/** A name that is resolved is looked up again after half of this time to all of it. */
const refresh: Backoff = { firstMs: 30_000, maxMs: 30_000 };

/** Lookups begin in batches with a pause between them, and results are published together, in milliseconds. */
const [batchSize, pauseMs, gatherMs] = [100, 5, 10];

/** A name that is in use, with its next lookup. */
interface Tracked {
  readonly name: HostName;
  /** Infinite while a lookup is under way. */
  readonly dueMs: number;
}

export interface HostNamesDeps {
  readonly resolver: AddressLookup;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Resolves the names that are in use: all at once, again from time to time, and with a back-off those that fail. */
export class HostNames {
  /** Set by `run` alone. */
  readonly resolution: Cell<Resolution> = new Cell(emptyResolution);
  readonly #backoff: Backoff;
  readonly #deps: HostNamesDeps;
  readonly #tracked = new Map<string, Tracked>();
  /** Undefined until the first call of `use`. */
  #used: ReadonlySet<readonly string[]> | undefined;
  /** Counts what `run` has to react to: names to look up, and lookups that have ended. */
  readonly #news = new Cell(0);
  #changes = new Map<string, Resolved | undefined>();

  /** `known` are the addresses from an earlier process: they are used until a lookup has ended. */
  constructor(known: KnownAddresses, backoff: Backoff, deps: HostNamesDeps) {
    this.#backoff = backoff;
    this.#deps = deps;
    for (const [host, addresses] of known) this.#track(host, nameWith(addresses), 0);
    this.#publish();
  }

  /**
   * The lists of the names that are in use now. A list that was given in the last call costs nothing. A name that is not in
   * use any more is forgotten when it would be looked up again.
   */
  use(lists: ReadonlySet<readonly string[]>): void {
    let isNew = this.#used === undefined;
    for (const list of lists) {
      if (this.#used?.has(list)) continue;
      for (const host of list) {
        if (this.#tracked.has(host)) continue;
        this.#track(host, unknownName, this.#deps.clock.now());
        isNew = true;
      }
    }
    this.#used = lists;
    if (isNew) this.#news.set(this.#news.value + 1);
  }

  /** Looks names up until the signal aborts. Reports names with addresses that cannot be confirmed. */
  async run(reporter: FaultReporter, signal: AbortSignal): Promise<never> {
    const { clock } = this.#deps;
    const running = new Set<Promise<void>>();
    try {
      for (;;) {
        const seen = this.#news.version;
        const nextMs = await this.#start(running, signal);
        await race(
          signal,
          (s) => this.#news.newer(seen, s),
          (s) => clock.sleep(Math.max(0, nextMs - clock.now()), s),
        );
        if (this.#changes.size > 0) await clock.sleep(gatherMs, signal);
        this.#publish();
        this.#report(reporter);
      }
    } finally {
      await Promise.allSettled(running);
    }
  }

  /** Starts the lookups that are due. Returns when the next one is, in milliseconds of the clock. */
  async #start(running: Set<Promise<void>>, signal: AbortSignal): Promise<number> {
    const { clock } = this.#deps;
    if (!this.#used) return Number.POSITIVE_INFINITY;
    const due = [...this.#tracked].filter(([, { dueMs }]) => dueMs <= clock.now());
    const used = new Set(due.length > 0 ? [...this.#used].flat() : []);
    let started = 0;
    for (const [host, { name }] of due) {
      if (!used.has(host)) {
        this.#forget(host);
        continue;
      }
      if (started > 0 && started % batchSize === 0) await clock.sleep(pauseMs, signal);
      started += 1;
      this.#track(host, name, Number.POSITIVE_INFINITY);
      const lookup = this.#look(host, name, signal).finally(() => running.delete(lookup));
      running.add(lookup);
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#tracked.values()) nextMs = Math.min(nextMs, dueMs);
    return nextMs;
  }

  async #look(host: string, before: HostName, signal: AbortSignal): Promise<void> {
    const { resolver, clock, random } = this.#deps;
    let name: HostName;
    try {
      const answer = await abortable(resolver.lookup(host, { all: true }), signal);
      name = found(
        before,
        answer.map(({ address }) => address),
      );
    } catch (error) {
      if (signal.aborted) return;
      if (systemCode(error) === undefined) throw error;
      name = missed(before, error);
    }
    const { failures } = name;
    const waitMs =
      failures === 0 ? delayMs(1, refresh, random) : delayMs(failures, this.#backoff, random);
    this.#track(host, name, clock.now() + waitMs);
    this.#news.set(this.#news.value + 1);
  }

  #track(host: string, name: HostName, dueMs: number): void {
    this.#tracked.set(host, { name, dueMs });
    if (name.resolved) this.#changes.set(host, name.resolved);
  }

  #forget(host: string): void {
    this.#tracked.delete(host);
    this.#changes.set(host, undefined);
  }

  #publish(): void {
    const before = this.resolution.value;
    const after = before.with(this.#changes);
    this.#changes = new Map();
    if (after !== before) this.resolution.set(after);
  }

  #report(reporter: FaultReporter): void {
    const kept = [...this.#tracked].filter(([, { name }]) => isUnconfirmed(name));
    const [, first] = kept[0] ?? [];
    if (!first) {
      reporter.resolved();
      return;
    }
    const names = kept.map(([host]) => host);
    const fault = faults.RESOLVE_NO_ANSWER({ names, why: first.name.failing ?? "" });
    reporter.report(fault, this.#backoff.maxMs, "the last known addresses are kept");
  }
}
