import { type Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import { lookupLimitMs } from "../../lib/clients/dns/limits.ts";
import type { Quarantined } from "../../lib/model/pool.ts";
import type { Resolution } from "../../lib/model/resolution.ts";
import type { HostNames } from "../../lib/resolve/host-names.ts";
import type { Pools, QuarantinedSince } from "../../lib/view/contract.ts";
import { PoolResolver, type ResolvedPools, unresolved } from "../../lib/view/resolve-pools.ts";
import type { TemplateGroup } from "./groups.ts";
import { logQuarantine } from "./quarantine-log.ts";

/**
 * How long a reconciliation waits for names that were not looked up before, in milliseconds. The first one waits for as long
 * as a lookup may take: it replaces a file that may have all of them. Later ones go on without the new names.
 */
export const [firstWaitMs, nextWaitMs] = [lookupLimitMs, 100];

/** The services as one group uses them: with the addresses of host names, if a program would have to resolve these. */
export class GroupNames {
  readonly #view: NameView | undefined;
  #waitMs = firstWaitMs;

  /** Without a view, names are not resolved. */
  constructor(view: NameView | undefined) {
    this.#view = view;
  }

  /** Waits for new names as long as it may. */
  async resolve(pools: Pools, signal: AbortSignal): Promise<ResolvedPools> {
    if (!this.#view) return unresolved(pools);
    const waitMs = this.#waitMs;
    this.#waitMs = nextWaitMs;
    return await this.#view.resolve(pools, waitMs, signal);
  }
}

/** The services with the addresses of their host names, once for all groups. Logs which instances are quarantined. */
export class NameView {
  readonly #names: HostNames;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #resolver = new PoolResolver();
  /** The services that were to be resolved last. */
  #latest: Pools | undefined;
  #missing: ReadonlySet<string> = new Set();
  #unresolved: readonly Quarantined[] = [];
  /** Since when each of these is, by its mark. */
  #sinceMs: ReadonlyMap<string, number> = new Map();

  constructor(names: HostNames, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#names = names;
    this.#clock = clock;
    this.#log = log;
  }

  get resolution(): Cell<Resolution> {
    return this.#names.resolution;
  }

  /** The instances without an address, in the services that were resolved last. */
  get quarantined(): readonly QuarantinedSince[] {
    return this.#unresolved.map((one) => ({
      ...one,
      sinceMs: this.#sinceMs.get(markOf(one)) ?? this.#clock.now(),
    }));
  }

  /** The keys of the instances that have no address, or none yet, in these services. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  of({ resolvesNames }: Pick<TemplateGroup, "resolvesNames">): GroupNames {
    return new GroupNames(resolvesNames ? this : undefined);
  }

  /** The services with the addresses that are known now. */
  known(pools: Pools): Pools {
    return this.#resolver.of(pools, this.resolution.value).pools;
  }

  /** The same, for the latest services: new names are looked up from now on. */
  observe(pools: Pools): Pools {
    this.#latest = pools;
    this.#names.use(this.#resolver.namesIn(pools));
    const resolved = this.#resolver.of(pools, this.resolution.value);
    this.#update(resolved);
    return resolved.pools;
  }

  /** Waits at most `waitMs` milliseconds for new names. Instances without an address are left out. */
  async resolve(pools: Pools, waitMs: number, signal: AbortSignal): Promise<ResolvedPools> {
    const { resolution } = this;
    this.#latest = pools;
    this.#names.use(this.#resolver.namesIn(pools));
    const isReady = () => !this.#resolver.isPending(pools, resolution.value);
    if (!isReady()) {
      const ready = (s: AbortSignal) => untilAny([resolution], isReady, s);
      await withTimeout(waitMs, ready, () => {}, this.#clock, signal);
    }
    const resolved = this.#resolver.of(pools, resolution.value);
    // Another group may have gone on to later services.
    if (pools === this.#latest) this.#update(resolved);
    return resolved;
  }

  #update({ missing, unresolved: now }: ResolvedPools): void {
    const before = this.#unresolved;
    this.#missing = missing;
    if (now === before) return;
    this.#unresolved = now;
    const known = this.#sinceMs;
    const nowMs = this.#clock.now();
    this.#sinceMs = new Map(now.map(markOf).map((mark) => [mark, known.get(mark) ?? nowMs]));
    const keys = new Set(now.map(({ key }) => key));
    logQuarantine(
      {
        quarantined: now.filter((one) => !known.has(markOf(one))),
        released: before.flatMap(({ key }) => (keys.has(key) ? [] : [key])),
      },
      this.#log,
    );
  }
}

function markOf({ key, why }: Quarantined): string {
  return `${key} ${why}`;
}
