import { linesOf } from "../../../lib/base/align-lines.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { nextTurn } from "../../../lib/base/slices.ts";
import { unstamped } from "../../../lib/render/generation.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { pools as poolsOf } from "../../../lib/view/pools.ts";
import { visibleServices } from "../../../lib/view/visible.ts";
import { withoutEntries } from "../../../lib/view/without-entries.ts";
import type { GroupFile } from "../groups.ts";

/** Lines of a text, in which its generation is a placeholder; the fault if there is no such text. */
export type Tried = readonly string[] | Fault;

/** The text of one file as it would be if entries were other ones. Between two texts the rest of the process gets its turn. */
export class Trials {
  readonly file: GroupFile;
  readonly pools: Pools;
  readonly #resolve: (pools: Pools) => Pools;
  readonly #signal: AbortSignal;
  readonly #now = new Date();

  /** `resolve` adds the addresses of host names. */
  constructor(
    file: GroupFile,
    pools: Pools,
    resolve: (pools: Pools) => Pools,
    signal: AbortSignal,
  ) {
    this.file = file;
    this.pools = pools;
    this.#resolve = resolve;
    this.#signal = signal;
  }

  /** With all entries. */
  async base(): Promise<Tried> {
    return await this.#render(this.pools);
  }

  async without(keys: ReadonlySet<string>): Promise<Tried> {
    return await this.#render(withoutEntries(this.pools, keys, this.#resolve));
  }

  /** With another value of a key. */
  async changed(key: string, value: string): Promise<Tried> {
    const { snapshot } = this.pools;
    const entry = { ...snapshot.get(key), key, value, revision: "" };
    const { revision } = snapshot;
    const put = new Map([[key, entry]]);
    return await this.#render(
      poolsOf(this.pools, snapshot.after({ kind: "delta", revision, put, gone: [] })),
    );
  }

  async #render(pools: Pools): Promise<Tried> {
    await nextTurn(this.#signal);
    const { plan, source } = this.file;
    const view = { snapshot: pools.snapshot, services: visibleServices(pools, plan.prefixes) };
    try {
      return linesOf(unstamped(await source.tryOut(view, this.#signal, this.#now)));
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }
}
