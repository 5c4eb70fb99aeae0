import { runAll } from "../../lib/base/signal.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { type WatchedGroup, WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { isReadOnly } from "../../lib/keyspace/url.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { type Drained, DrainedFinder } from "../../lib/view/drained.ts";
import { ServedFinder } from "../../lib/view/served.ts";
import type { FollowedKeyspace } from "./followed-keyspace.ts";
import type { TemplateGroup } from "./groups.ts";
import type { Reconciled } from "./reconcile.ts";
import type { WatchDeps } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import { watcherFiles } from "./watcher-files.ts";

/** The entry of the watcher in one keyspace. */
interface OwnEntry {
  readonly keyspace: FollowedKeyspace;
  readonly publisher: WatcherEntryPublisher;
  /** The groups that read this keyspace, with their folders there. */
  readonly groups: ReadonlyMap<TemplateGroup, WatchedGroup>;
}

/** The files of a group, and the proxy that reads them. */
export type Acknowledging = Pick<GroupStatus, "group" | "isProxyDown" | "facts" | "news">;

/** What distinguishes a watcher from the others, and what its files came to. */
export interface Acknowledger {
  /** Unique among all watchers of the keyspaces. */
  readonly id: string;
  readonly journal: Pick<Journal, "lastOf">;
}

/**
 * Acknowledges drained instances, and served ones where agents ask for them: in each keyspace the ones that are registered there, by
 * the keys that they have there.
 */
export class Acknowledgements {
  readonly #mounts: Mounts;
  readonly #entries: readonly OwnEntry[];
  readonly #statusOf: ReadonlyMap<TemplateGroup, Acknowledging>;
  readonly #drained = new DrainedFinder();
  readonly #served = new ServedFinder();
  readonly #verified = new Map<TemplateGroup, Drained>();
  /** The services that the proxy of a group was verified to send requests to. */
  readonly #serving = new Map<TemplateGroup, Pools>();

  constructor(
    { id, journal }: Acknowledger,
    statuses: readonly Acknowledging[],
    keyspaces: readonly FollowedKeyspace[],
    mounts: Mounts,
  ) {
    this.#mounts = mounts;
    this.#statusOf = new Map(statuses.map((status) => [status.group, status]));
    const writable = keyspaces.filter(({ mount }) => !isReadOnly(mount.keyspace.url));
    this.#entries = writable.map((keyspace) => {
      const own = new Map<TemplateGroup, WatchedGroup>();
      for (const { group } of statuses) {
        const folders = mounts.partsOf(group.prefixes).get(keyspace.mount);
        if (folders) own.set(group, { prefixes: folders.map((one) => mounts.locate(one).key) });
      }
      const reading = statuses.filter(({ group }) => own.has(group));
      const [first] = reading;
      const current = () => reading.flatMap((status) => watcherFiles(status, journal));
      const files = first && { news: first.news, current };
      const publisher = new WatcherEntryPublisher(id, [...own.values()], files);
      return { keyspace, publisher, groups: own };
    });
  }

  /** Of one group: what becomes known of it, and whether an agent waits for that. */
  of(group: TemplateGroup): Pick<Reconciled, "onVerified" | "onServed" | "isAwaited"> {
    return {
      onVerified: (pools) => this.verified([group], pools),
      onServed: (pools) => this.#answer([group], pools),
      isAwaited: (pools) => this.#isAwaited(group, pools),
    };
  }

  /** Whether the proxy of a group was not verified yet to send no requests to some instance that is drained in these services. */
  #isAwaited(group: TemplateGroup, pools: Pools): boolean {
    const known = this.#verified.get(group);
    return this.#drained
      .in(pools)
      .entries()
      .some(([key, revision]) => known?.get(key) !== revision);
  }

  /**
   * The proxies of some groups were verified to send requests to the instances of these services, and none to the drained ones. A
   * proxy that is down later serves none.
   */
  readonly verified = (some: readonly TemplateGroup[], pools: Pools): void => {
    const drained = this.#drained.in(pools);
    for (const group of some) this.#verified.set(group, drained);
    this.#answer(some, pools, drained);
  };

  /** `drained` is absent where only the instances that are served have become known. */
  #answer(some: readonly TemplateGroup[], pools: Pools, drained?: Drained): void {
    for (const group of some) this.#serving.set(group, pools);
    for (const { keyspace, publisher, groups } of this.#entries) {
      const watched = some.flatMap((group) => {
        const own = groups.get(group);
        const served = (key: string) => this.#servedBy(group, `${keyspace.mount.folder}${key}`);
        return own ? [[own, served] as const] : [];
      });
      if (watched.length === 0) continue;
      const answers = new Map(watched);
      if (drained) publisher.allVerified(answers, this.#ownOf(keyspace, drained));
      else publisher.allServed(answers);
    }
  }

  /** The revision at which the proxy of a group sends requests to an instance: to none while it is down, or without its entry. */
  #servedBy(group: TemplateGroup, path: string): string | undefined {
    const pools = this.#serving.get(group);
    const entry = pools?.snapshot.get(path);
    if (!pools || !entry || this.#statusOf.get(group)?.isProxyDown) return undefined;
    if (group.quarantine.has(entry) || group.unrenderable.has(entry)) return undefined;
    return this.#served.revisionOf(path, pools);
  }

  /** Keeps the entries in their keyspaces. */
  async keep(
    { clock, random, log }: Pick<WatchDeps, "clock" | "random" | "log">,
    signal: AbortSignal,
  ): Promise<void> {
    const keeping = this.#entries.map(({ keyspace, publisher }) => (s: AbortSignal) => {
      const { mount, faults, acknowledging } = keyspace;
      const reporter = withLiveness(faults.reporter(), acknowledging);
      return publisher.keep(mount.keyspace, { clock, random, log, reporter }, s);
    });
    await runAll(signal, ...keeping);
  }

  #ownOf({ mount }: FollowedKeyspace, drained: Drained): Drained {
    if (this.#mounts.all.length === 1) return drained;
    const own = new Map<string, string>();
    for (const [path, revision] of drained) {
      const located = this.#mounts.locate(path);
      if (located.mount === mount) own.set(located.key, revision);
    }
    return own;
  }
}
