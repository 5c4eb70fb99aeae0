import type { TemplateGroup } from "../../../agents/watch/apply.ts";
import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import type { FaultReporter } from "../../base/fault-reporter.ts";
import type { Log } from "../../base/log.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { type Entries, isWithin } from "../../model/entry.ts";
import { encodeWatcherEntry, watchersFolder } from "../../model/watcher-entry.ts";
import { prefixesOf } from "../../render/template-file.ts";
import type { Pools } from "../../view/contract.ts";
import { type Drained, DrainedFinder } from "../../view/drained.ts";
import type { KeySink } from "../contract.ts";
import { publish } from "../publish.ts";

/** How long the entry of a watcher outlives it when it is killed, in milliseconds: so long it is waited for. */
const ttlMs = 10_000;

/** Those who may not write are not told so again and again. */
const backoff: Backoff = { firstMs: 500, maxMs: 60_000 };

export interface WatcherEntryDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly reporter: FaultReporter;
}

/**
 * A watcher's word to those who leave: one entry, which says what it watches, and which instances are proved to get no
 * new requests from its proxies any more. It is written at the start, and when there is news of an instance that takes
 * no requests; never otherwise.
 */
export class WatcherEntryPublisher {
  readonly wanted: Cell<Entries>;
  readonly #key: string;
  readonly #prefixes: readonly string[];
  readonly #finder = new DrainedFinder();
  /** By the groups of files, each of which is proved by itself; undefined until it was. */
  readonly #inForce: Map<TemplateGroup, Drained | undefined>;

  /** `id` tells the watcher from all others, and says to people which one it is. */
  constructor(id: string, groups: readonly TemplateGroup[]) {
    this.#key = `${watchersFolder}/${id}`;
    this.#prefixes = prefixesOf(groups.flatMap(({ files }) => files.map(({ plan }) => plan)));
    this.#inForce = new Map(groups.map((group) => [group, undefined]));
    this.wanted = new Cell(this.#entries());
  }

  /** What a group's files are made from is proved to be in force. */
  served(group: TemplateGroup, pools: Pools): void {
    this.#inForce.set(group, this.#finder.in(pools));
    const entries = this.#entries();
    if (entries.get(this.#key) !== this.wanted.value.get(this.#key)) this.wanted.set(entries);
  }

  /** Keeps the entry in the keyspace. That it cannot be written is said, and changes nothing else. */
  async keep(
    keyspace: KeySink,
    { clock, random, log, reporter }: WatcherEntryDeps,
    signal: AbortSignal,
  ): Promise<void> {
    let isDenialSaid = false;
    const onFault = (fault: Fault, waitMs: number) => {
      if (fault.code !== "KEYSPACE_PERMISSION_DENIED") return reporter.report(fault, waitMs);
      if (isDenialSaid) return;
      isDenialSaid = true;
      const sentence = `${fault.message}; whoever drains an instance does not wait for this watcher: let it write below ${watchersFolder}, or set watch.acknowledge to false`;
      log.warn("watcher_entry_denied", sentence, { code: fault.code, key: this.#key });
    };
    const deps = { clock, random, onFault };
    await retry(
      (progress, s) => {
        const onConverged = () => {
          progress();
          reporter.resolved();
        };
        return publish(keyspace, this.wanted, { ttlMs, backoff }, { ...deps, onConverged }, s);
      },
      backoff,
      deps,
      signal,
    );
  }

  #entries(): Entries {
    const value = encodeWatcherEntry({ prefixes: this.#prefixes, drained: this.#drained() });
    return new Map([[this.#key, value]]);
  }

  /** What every group has in force that sees it. */
  #drained(): Drained {
    const groups = [...this.#inForce];
    const all = groups.flatMap(([, drained]) => [...(drained ?? [])]);
    const agreed = all.filter(([key, revision]) =>
      groups.every(([group, drained]) => drained?.get(key) === revision || !sees(group, key)),
    );
    return new Map(agreed.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function sees({ files }: TemplateGroup, key: string): boolean {
  return files.some(({ plan }) => plan.prefixes.some((prefix) => isWithin(key, prefix)));
}
