import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import { runEach } from "../../lib/base/run-each.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { type WatchedGroup, WatcherEntryPublisher } from "../../lib/keyspace/acks/publish.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { isReadOnly } from "../../lib/keyspace/url.ts";
import { isWithinAny } from "../../lib/model/entry.ts";
import { withLiveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { type Drained, DrainedFinder } from "../../lib/view/drained.ts";
import { ServedFinder } from "../../lib/view/served.ts";
import { isSame, type Texts } from "./ahead.ts";
import type { FollowedKeyspace } from "./followed-keyspace.ts";
import type { TemplateGroup } from "./groups.ts";
import { pinnedTexts, TextUse } from "./pin/pinned-texts.ts";
import type { Reconciled } from "./reconcile.ts";
import type { WatchDeps } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import { watcherFiles } from "./watcher-files.ts";

/** The entry of the watcher in one keyspace. */
interface OwnEntry {
  keyspace: FollowedKeyspace;
  readonly publisher: WatcherEntryPublisher;
  /** The groups that read this keyspace, with their folders there. */
  groups: ReadonlyMap<TemplateGroup, WatchedGroup>;
}

/** The files of a watcher, and the keyspaces that they are made from. */
export interface AcknowledgedFiles {
  readonly statuses: readonly Acknowledging[];
  readonly keyspaces: readonly FollowedKeyspace[];
  /** Whether there is an entry at all. */
  readonly isEnabled: boolean;
}

/** The revision of the entry of an instance, by its path; undefined for one that gets no requests. */
type RevisionOf = (path: string) => string | undefined;

/** The files of a group, and the proxy that reads them. */
export type Acknowledging = Pick<GroupStatus, "group" | "isProxyDown" | "facts" | "news">;

/** What distinguishes a watcher from the others, and what its files came to. */
export interface Acknowledger {
  /** Unique among all watchers of the keyspaces. */
  readonly id: string;
  readonly journal: Pick<Journal, "lastOf">;
  /** The group with which it takes turns to reload; absent if it takes none. */
  readonly turns?: string | undefined;
}

/**
 * Acknowledges drained instances, and served ones where agents ask for them: in each keyspace the ones that are registered there, by
 * the keys that they have there.
 */
export class Acknowledgements {
  readonly #acknowledger: Acknowledger;
  #mounts: Mounts;
  readonly #entries = new Cell<readonly OwnEntry[]>([]);
  #statusOf: ReadonlyMap<TemplateGroup, Acknowledging> = new Map();
  readonly #drained = new DrainedFinder();
  readonly #served = new ServedFinder();
  readonly #verified = new Map<TemplateGroup, Drained>();
  /** The revision at which the proxy of a group was verified to send requests to an instance. */
  readonly #serving = new Map<TemplateGroup, RevisionOf>();
  /** The texts with which a group was verified last; absent while that is unknown. */
  readonly #texts = new Map<TemplateGroup, Texts>();

  constructor(acknowledger: Acknowledger, watched: AcknowledgedFiles, mounts: Mounts) {
    this.#acknowledger = acknowledger;
    this.#mounts = mounts;
    this.replace(watched, mounts);
  }

  /** Acknowledges for other files, or in other keyspaces: an entry in a keyspace of both stays, with all that is known. */
  replace({ statuses, keyspaces, isEnabled }: AcknowledgedFiles, mounts: Mounts): void {
    this.#mounts = mounts;
    this.#statusOf = new Map(statuses.map((status) => [status.group, status]));
    for (const known of [this.#verified, this.#serving, this.#texts])
      for (const group of known.keys()) if (!this.#statusOf.has(group)) known.delete(group);
    const writable = keyspaces.filter(({ mount }) => !isReadOnly(mount.keyspace.url));
    const entries = isEnabled ? writable.map((one) => this.#entryIn(one, statuses, mounts)) : [];
    this.#entries.set(entries);
  }

  #entryIn(
    keyspace: FollowedKeyspace,
    statuses: readonly Acknowledging[],
    mounts: Mounts,
  ): OwnEntry {
    const { id, journal, turns } = this.#acknowledger;
    const { mount } = keyspace;
    const known = this.#entries.value.find(({ keyspace: { mount: before } }) => {
      return before.keyspace === mount.keyspace && before.folder === mount.folder;
    });
    const own = new Map<TemplateGroup, WatchedGroup>();
    for (const { group } of statuses) {
      const folders = mounts.partsOf(group.prefixes).get(mount);
      const prefixes = folders?.map((one) => mounts.locate(one).key);
      const before = known?.groups.get(group);
      const isSame = before && isDeepStrictEqual(before.prefixes, prefixes);
      if (prefixes) own.set(group, isSame ? before : { prefixes });
    }
    const reading = statuses.filter(({ group }) => own.has(group));
    const [first] = reading;
    const current = () => reading.flatMap((status) => watcherFiles(status, journal));
    const files = first && { news: first.news, current };
    if (!known) {
      const publisher = new WatcherEntryPublisher(id, [...own.values()], files, turns);
      return { keyspace, publisher, groups: own };
    }
    known.keyspace = keyspace;
    known.groups = own;
    known.publisher.replaceGroups([...own.values()], files);
    return known;
  }

  /** Of one group: what becomes known of it, and whether an agent waits for that. */
  of(group: TemplateGroup): Pick<Reconciled, "onVerified" | "onServed" | "isAwaited" | "withhold"> {
    return {
      onVerified: (pools) => this.verified([group], pools),
      onServed: (pools) => {
        // What pinned texts have is known once they are verified.
        if (!hasOtherTexts(group)) this.#answer([group], (one) => this.#renderedOf(one, pools));
      },
      isAwaited: (pools) => this.#isAwaited(group, pools),
      withhold: (pools) => this.#withhold(group, pools),
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
    const rendered = some.filter((group) => !hasOtherTexts(group));
    for (const group of rendered) this.#keepTexts(group);
    const drained = this.#drained.in(pools);
    this.#publish(rendered, drained, (group) => this.#renderedOf(group, pools));
    for (const group of some) if (hasOtherTexts(group)) this.#pinnedVerified(group, pools);
  };

  /** Of texts that are pinned, or that stay until it is their turn, it is only known what they have: where they cannot be read, what was acknowledged for the same ones stays. */
  #pinnedVerified(group: TemplateGroup, pools: Pools): void {
    const { verified: texts, proxy, pin, prefixes } = group;
    const drained = this.#drained.in(pools);
    this.#keepTexts(group);
    if (texts && proxy?.servers) {
      const use = new TextUse(group, texts, pools);
      const revisionOf = (path: string) =>
        use.is("served", path) ? this.#served.revisionOf(path, pools) : undefined;
      this.#publish(
        [group],
        only(drained, (key) => use.is("idle", key)),
        () => revisionOf,
      );
    }
    const known = this.#verified.get(group);
    const isWaiting = ([key, revision]: readonly [string, string]) =>
      isWithinAny(key, prefixes) && known?.get(key) !== revision;
    pin.drainsWaiting = [...drained].filter(isWaiting).length;
  }

  /** Takes back the acknowledgements that may be wrong from the moment on in which pinned texts replace others. */
  #withhold(group: TemplateGroup, pools: Pools): void {
    const texts = pinnedTexts(group);
    const before = this.#texts.get(group);
    if (!texts || (before && isSame(before, texts))) return;
    this.#texts.delete(group);
    const use = new TextUse(group, texts, pools);
    const known = this.#verified.get(group) ?? new Map();
    this.#publish(
      [group],
      only(known, (key) => use.is("idle", key)),
      () => () => undefined,
    );
  }

  #keepTexts(group: TemplateGroup): void {
    if (group.verified) this.#texts.set(group, group.verified);
    else this.#texts.delete(group);
  }

  /** Some groups were verified to send no requests to drained instances, and to others at a revision, by their path. */
  #publish(
    some: readonly TemplateGroup[],
    drained: Drained,
    revisionOf: (group: TemplateGroup) => RevisionOf,
  ): void {
    for (const group of some) if (this.#statusOf.has(group)) this.#verified.set(group, drained);
    this.#answer(some, revisionOf, drained);
  }

  /** `drained` is absent where only the instances that are served have become known. */
  #answer(
    some: readonly TemplateGroup[],
    revisionOf: (group: TemplateGroup) => RevisionOf,
    drained?: Drained,
  ): void {
    for (const group of some) this.#serving.set(group, revisionOf(group));
    for (const { keyspace, publisher, groups } of this.#entries.value) {
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

  /** None while the proxy is down. */
  #servedBy(group: TemplateGroup, path: string): string | undefined {
    if (this.#statusOf.get(group)?.isProxyDown) return undefined;
    return this.#serving.get(group)?.(path);
  }

  /** By rendered texts: none has an instance without its entry. */
  #renderedOf(group: TemplateGroup, pools: Pools): RevisionOf {
    return (path) => {
      const entry = pools.snapshot.get(path);
      if (!entry || group.quarantine.has(entry) || group.unrenderable.has(entry)) return undefined;
      return this.#served.revisionOf(path, pools);
    };
  }

  /** Writes the state of the files at once, and waits until the keyspaces have it. */
  async writeFiles(signal: AbortSignal): Promise<void> {
    const writing = this.#entries.value.map(
      ({ publisher }) =>
        (s: AbortSignal) =>
          publisher.writeFiles(s),
    );
    await runAll(signal, ...writing);
  }

  /** Keeps the entries in their keyspaces. */
  async keep(
    { clock, random, log, inUse }: Pick<WatchDeps, "clock" | "random" | "log" | "inUse">,
    signal: AbortSignal,
  ): Promise<void> {
    const keepOne = async ({ keyspace, publisher }: OwnEntry, s: AbortSignal) => {
      const { mount, faults, acknowledging } = keyspace;
      using _ = inUse?.begin(mount.keyspace);
      const reporter = withLiveness(faults.reporter(), acknowledging);
      await publisher.keep(mount.keyspace, { clock, random, log, reporter }, s);
    };
    await runEach(this.#entries, keepOne, signal);
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

/** Whether a group serves other texts than those of the services: they are pinned, or wait for a reload. */
function hasOtherTexts({ pin, turn }: TemplateGroup): boolean {
  return pin.active !== undefined || turn?.isWaiting === true;
}

function only(drained: Drained, isWanted: (key: string) => boolean): Drained {
  return new Map([...drained].filter(([key]) => isWanted(key)));
}
