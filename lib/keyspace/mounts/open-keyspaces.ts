import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import type { Keyspace } from "../contract.ts";
import type { InUse } from "../in-use.ts";
import { type KeyspaceDeps, openKeyspace } from "../kinds.ts";
import type { KeyspaceConfig } from "../schema.ts";
import { Mounts } from "./mounts.ts";
import type { KeyspacesConfig } from "./open.ts";

/** How long a keyspace stays open after its last use, in milliseconds: an answer may still be on its way. */
const lingerMs = 60_000;

/**
 * The keyspaces of the configuration, which a reload may replace: one that both configurations have is the same object in both. A
 * keyspace is closed once the configuration no longer has it and nothing uses it.
 */
export class OpenKeyspaces implements AsyncDisposable {
  readonly #deps: KeyspaceDeps;
  readonly #configs: Map<Keyspace, KeyspaceConfig>;
  #mounts: Mounts;

  private constructor(deps: KeyspaceDeps, configs: Map<Keyspace, KeyspaceConfig>, mounts: Mounts) {
    this.#deps = deps;
    this.#configs = configs;
    this.#mounts = mounts;
  }

  /** Creates the keyspaces of a configuration. Each of them connects on first use. */
  static async open(config: KeyspacesConfig, deps: KeyspaceDeps): Promise<OpenKeyspaces> {
    const configs = new Map<Keyspace, KeyspaceConfig>();
    return new OpenKeyspaces(deps, configs, await mountsOf(config, configs, deps));
  }

  /** Those of the configuration that applies. */
  get mounts(): Mounts {
    return this.#mounts;
  }

  /** The keyspaces of another configuration; the same object if they are the same. They apply with `replace`. */
  async prepare(config: KeyspacesConfig): Promise<Mounts> {
    const next = await mountsOf(config, this.#configs, this.#deps);
    const placed = ({ all }: Mounts) => all.map(({ folder, keyspace }) => ({ folder, keyspace }));
    const [before, after] = [placed(this.#mounts), placed(next)];
    const isSame =
      before.length === after.length &&
      after.every(({ folder, keyspace }) =>
        before.some((one) => one.folder === folder && one.keyspace === keyspace),
      );
    return isSame ? this.#mounts : next;
  }

  replace(mounts: Mounts): void {
    this.#mounts = mounts;
  }

  /** Closes each keyspace that neither the configuration has nor anything uses. */
  async closeUnused(inUse: InUse, clock: Clock, signal: AbortSignal): Promise<never> {
    for (;;) {
      const { version } = inUse.all;
      for (const keyspace of this.#unused(inUse)) {
        await clock.sleep(lingerMs, signal);
        if (!this.#unused(inUse).includes(keyspace)) continue;
        this.#configs.delete(keyspace);
        await keyspace[Symbol.asyncDispose]();
      }
      await inUse.all.newer(version, signal);
    }
  }

  #unused({ all }: InUse): readonly Keyspace[] {
    const used = new Set([...this.#mounts.all.map(({ keyspace }) => keyspace), ...all.value]);
    return [...this.#configs.keys()].filter((keyspace) => !used.has(keyspace));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#configs.keys()].map((one) => one[Symbol.asyncDispose]()));
  }
}

/** The keyspaces of a configuration; one that is not open yet is added to `open`, with its configuration. */
async function mountsOf(
  { keyspace, mounts = {} }: KeyspacesConfig,
  open: Map<Keyspace, KeyspaceConfig>,
  deps: KeyspaceDeps,
): Promise<Mounts> {
  const taken = new Set<Keyspace>();
  // Two folders may have the same keyspace: each has a client of its own.
  const keyspaceOf = async (config: KeyspaceConfig) => {
    const isFree = ([one, known]: [Keyspace, KeyspaceConfig]) =>
      !taken.has(one) && isDeepStrictEqual(known, config);
    const [known] = [...open].find(isFree) ?? [];
    const found = known ?? (await openKeyspace(config, deps));
    open.set(found, config);
    taken.add(found);
    return found;
  };
  const root = await keyspaceOf(keyspace);
  const mounted = new Map<string, Keyspace>();
  for (const [folder, config] of Object.entries(mounts))
    mounted.set(folder, await keyspaceOf(config));
  return new Mounts(root, mounted);
}
