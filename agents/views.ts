import type { Log } from "../lib/base/log.ts";
import type { Quarantined } from "../lib/model/pool.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import type { Pools } from "../lib/view/contract.ts";
import { allQuarantined, noPools, pools } from "../lib/view/pools.ts";

/** The services of each snapshot, made once for all templates; says which entries are left out. */
export class Views {
  readonly #log: Log;
  #pools: Pools;
  #said = new Set<string>();

  constructor(folder: string, log: Log) {
    this.#pools = noPools(folder);
    this.#log = log;
  }

  of(snapshot: Snapshot): Pools {
    const before = this.#pools;
    this.#pools = pools(before, snapshot);
    if (this.#pools.quarantined !== before.quarantined) this.#sayQuarantined();
    return this.#pools;
  }

  /** The entries that are left out of what was seen last. */
  get quarantined(): readonly Quarantined[] {
    return allQuarantined(this.#pools);
  }

  /** A bad entry is mentioned once, however often it is written, as long as the same is wrong with it. */
  #sayQuarantined(): void {
    const standing = new Set<string>();
    for (const { key, revision, why } of allQuarantined(this.#pools)) {
      const mark = `${key} ${why}`;
      standing.add(mark);
      if (this.#said.has(mark)) continue;
      this.#log.warn("quarantined", `${key} (revision ${revision}) is left out: ${why}`, {
        key,
        revision,
        why,
      });
    }
    this.#said = standing;
  }
}
