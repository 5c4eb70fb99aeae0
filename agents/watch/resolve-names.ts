import { type Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import { lookupLimitMs } from "../../lib/clients/dns/limits.ts";
import type { Quarantined } from "../../lib/model/pool.ts";
import type { Resolution } from "../../lib/model/resolution.ts";
import type { HostNames } from "../../lib/resolve/host-names.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { PoolResolver } from "../../lib/view/resolve-pools.ts";
import { logQuarantine } from "./quarantine-log.ts";

/**
 * How long a reconciliation waits for names that were not looked up before, in milliseconds. The first one waits for as long
 * as a lookup may take: it replaces a file that may have all of them. Later ones go on without the new names.
 */
export const [firstWaitMs, nextWaitMs] = [lookupLimitMs, 100];

/** The services with the addresses of their host names, once for all groups. Logs which instances are quarantined. */
export class NameView {
  readonly #names: HostNames;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #resolver = new PoolResolver();
  #unresolved: readonly Quarantined[] = [];

  constructor(names: HostNames, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#names = names;
    this.#clock = clock;
    this.#log = log;
  }

  get resolution(): Cell<Resolution> {
    return this.#names.resolution;
  }

  /** The instances without an address, in the services that were resolved last. */
  get quarantined(): readonly Quarantined[] {
    return this.#unresolved;
  }

  /** Waits at most `waitMs` milliseconds for new names. Instances without an address are left out. */
  async resolve(pools: Pools, waitMs: number, signal: AbortSignal): Promise<Pools> {
    const { resolution } = this;
    this.#names.use(this.#resolver.namesIn(pools));
    const isReady = () => !this.#resolver.isPending(pools, resolution.value);
    if (!isReady()) {
      const ready = (s: AbortSignal) => untilAny([resolution], isReady, s);
      await withTimeout(waitMs, ready, () => {}, this.#clock, signal);
    }
    const resolved = this.#resolver.of(pools, resolution.value);
    this.#update(resolved.unresolved);
    return resolved.pools;
  }

  #update(now: readonly Quarantined[]): void {
    const before = this.#unresolved;
    if (now === before) return;
    this.#unresolved = now;
    const marks = new Set(before.map(({ key, why }) => `${key} ${why}`));
    const keys = new Set(now.map(({ key }) => key));
    logQuarantine(
      {
        quarantined: now.filter(({ key, why }) => !marks.has(`${key} ${why}`)),
        released: before.flatMap(({ key }) => (keys.has(key) ? [] : [key])),
      },
      this.#log,
    );
  }
}
