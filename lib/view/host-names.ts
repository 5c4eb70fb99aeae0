import { isIP } from "node:net";
import type { Endpoint } from "../model/pool.ts";
import { difference } from "./difference.ts";

/** The host names of a service's instances. Only instances that have changed are looked at. */
export class HostNames {
  #instances: readonly Endpoint[] = [];
  /** How many instances have each name. */
  readonly #counts = new Map<string, number>();

  /** In no particular order. */
  in(instances: readonly Endpoint[]): readonly string[] {
    const { removed, added, changed } = difference(this.#instances, instances);
    this.#instances = instances;
    for (const one of added) this.#count(one, 1);
    for (const one of removed) this.#count(one, -1);
    for (const [before, after] of changed) {
      if (before.host === after.host) continue;
      this.#count(before, -1);
      this.#count(after, 1);
    }
    return [...this.#counts.keys()];
  }

  #count({ host }: Endpoint, difference: number): void {
    if (isIP(host) !== 0) return;
    const count = (this.#counts.get(host) ?? 0) + difference;
    if (count === 0) this.#counts.delete(host);
    else this.#counts.set(host, count);
  }
}
