import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import type { FaultReporter } from "../../base/fault-reporter.ts";
import type { Log } from "../../base/log.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { runAll } from "../../base/signal.ts";
import { supervise } from "../../base/supervise.ts";
import { askedKeys, asksFolder } from "../../model/ask-entry.ts";
import { type Entries, isWithinAny, outermost } from "../../model/entry.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { encodeWatcherEntry, watchersFolder, watcherTtlMs } from "../../model/watcher-entry.ts";
import {
  filesWithinLimits,
  type WatcherFile,
  type WatcherFiles,
} from "../../model/watcher-file.ts";
import type { KeySink, KeySource } from "../contract.ts";
import { follow } from "../follow.ts";
import { publish } from "../publish.ts";
import type { EntryChange } from "../session-state.ts";

/** A watcher without permission to write tries again seldom. */
const backoff: Backoff = { firstMs: 500, maxMs: 60_000 };

/**
 * The state of files: written once no other change has been seen for the first time, so that several files share a write, and not
 * again within the second one, in milliseconds.
 */
const [gatherMs, pauseMs] = [250, 4750];

export interface WatcherEntryDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly reporter: FaultReporter;
}

/** Files that are verified together. */
export interface WatchedGroup {
  /** The folders of the keyspace that they are made from. */
  readonly prefixes: readonly string[];
}

/** The entries of instances that take no new requests: revision by key. */
export type DrainedEntries = ReadonlyMap<string, string>;

/** The revision at which the proxies of a group send requests to the instance of a key; undefined if they do not. */
export type ServedRevision = (key: string) => string | undefined;

/** The files of a watcher. */
export interface FilesSource {
  /** Counts the changes of their states. */
  readonly news: Cell<number>;
  /** In the order of the configuration. */
  readonly current: () => readonly WatcherFile[];
}

/** What a group was verified to do. */
interface Verified {
  readonly drained: DrainedEntries;
  readonly served: ServedRevision;
}

/**
 * The entry of a watcher, by which it acknowledges drains: it has the folders that the watcher reads, and the draining
 * instances that its proxies were verified to send no new requests to. It is written at the start, and whenever the list
 * of drained instances changes; never otherwise, unless another client overwrites or removes it, or an agent asks which of its
 * instances are served: then the entry has these, too. It names its session, so that a copy which another session keeps
 * does not count.
 *
 * It also has the state of the watcher's files, as it is when the entry is written. A change of this alone is written at most once in 5 s,
 * and delays nothing else; that a file was verified with a later revision, and has not changed, is no reason to write.
 */
export class WatcherEntryPublisher {
  readonly desired: Cell<Entries>;
  readonly #key: string;
  #prefixes: readonly string[] = [];
  /** Undefined for a group until it was verified. */
  #verified: ReadonlyMap<WatchedGroup, Verified | undefined> = new Map();
  /** The keys that agents ask for, in order. */
  #asked: readonly string[] = [];
  #session: string | undefined;
  #source: FilesSource | undefined;
  #files: readonly WatcherFile[] | undefined;
  #acknowledged = "";
  readonly #turns: string | undefined;
  /** The value that the keyspace has confirmed last. */
  readonly #confirmed = new Cell("");

  /** `id` is unique among all watchers of the keyspace. Without `files`, the entry is that of an older version. `turns` is the group with which it takes turns. */
  constructor(id: string, groups: readonly WatchedGroup[], files?: FilesSource, turns?: string) {
    this.#turns = turns;
    this.#key = `${watchersFolder}/${id}`;
    this.#set(groups, files);
    this.#acknowledged = this.#encoded();
    this.desired = new Cell(this.#entries());
  }

  /** Goes on for other groups; what those were verified to do that it has already stays known. */
  replaceGroups(groups: readonly WatchedGroup[], files?: FilesSource): void {
    this.#set(groups, files);
    this.#update();
  }

  #set(groups: readonly WatchedGroup[], files: FilesSource | undefined): void {
    const known = this.#verified;
    this.#source = files;
    this.#files = files?.current();
    this.#prefixes = outermost(groups.flatMap(({ prefixes }) => prefixes));
    this.#verified = new Map(groups.map((group) => [group, known.get(group)]));
  }

  /** The files of a group, and the proxy that reads them, were verified; these instances are drained, and those served there. */
  verified(
    group: WatchedGroup,
    drained: DrainedEntries,
    served: ServedRevision = () => undefined,
  ): void {
    this.allVerified(new Map([[group, served]]), drained);
  }

  /** The same, for several groups. */
  allVerified(groups: ReadonlyMap<WatchedGroup, ServedRevision>, drained: DrainedEntries): void {
    this.#know(groups, () => drained);
    this.#update();
  }

  /** The proxies of some groups were verified to send requests to these instances; whether others are drained is not known yet. */
  allServed(groups: ReadonlyMap<WatchedGroup, ServedRevision>): void {
    this.#know(groups, (before) => before?.drained ?? new Map());
    this.#update();
  }

  /** Writes the state of the files at once, and waits until the keyspace has it. */
  async writeFiles(signal: AbortSignal): Promise<void> {
    this.#files = this.#source?.current();
    const value = this.#encoded(this.#files && filesWithinLimits(this.#files));
    if (this.desired.value.get(this.#key) !== value) this.desired.set(this.#entries());
    const isWritten = (confirmed: string) => confirmed === this.desired.value.get(this.#key);
    await this.#confirmed.until(isWritten, signal);
  }

  /** A group that is not watched any longer may still end a reconciliation. */
  #know(
    groups: ReadonlyMap<WatchedGroup, ServedRevision>,
    drainedOf: (before: Verified | undefined) => DrainedEntries,
  ): void {
    const known = new Map(this.#verified);
    for (const [group, served] of groups) {
      if (known.has(group)) known.set(group, { drained: drainedOf(known.get(group)), served });
    }
    this.#verified = known;
  }

  /**
   * Keeps the entry in the keyspace, also against other clients. A watcher that may not write it logs that once and goes on.
   */
  async keep(
    keyspace: KeySink & KeySource,
    { clock, random, log, reporter }: WatcherEntryDeps,
    signal: AbortSignal,
  ): Promise<void> {
    let isDenialLogged = false;
    const report = (fault: Fault, waitMs: number) => {
      if (fault.code !== "KEYSPACE_PERMISSION_DENIED") return reporter.report(fault, waitMs);
      if (isDenialLogged) return;
      isDenialLogged = true;
      const sentence = `${fault.message}; drains do not wait for this watcher: grant it write permission below ${watchersFolder}, or set watch.acknowledge to false`;
      log.warn("watcher_entry_denied", sentence, { code: fault.code, key: this.#key });
    };
    const seen = new Cell<Snapshot | undefined>(undefined);
    const onOpened = ({ id }: { readonly id: string }) => {
      this.#session = id;
      this.#update();
    };
    const rules = { ttlMs: watcherTtlMs, backoff, overwrites: true };
    const publishing = (succeeded: () => void, s: AbortSignal) => {
      const onPublished = (change: EntryChange) => {
        if (change.kind !== "remove") this.#confirmed.set(change.value);
      };
      const onEvents = { onFault: report, onConverged: succeeded, onOpened, onPublished };
      const deps = { clock, random, ...onEvents, seen };
      return publish(keyspace, this.desired, rules, deps, s);
    };
    const supervision = { backoff, reporter: { report, resolved: () => reporter.resolved() } };
    let folders = [this.#key, asksFolder];
    const following = (progress: () => void, s: AbortSignal) =>
      follow(keyspace, folders, seen, progress, s);
    const onFault = ({ code }: Fault) => {
      // A watcher that may not read the questions answers none, and restores its entry all the same.
      if (code === "KEYSPACE_PERMISSION_DENIED") folders = [this.#key];
    };
    await runAll(
      signal,
      (s) => supervise(publishing, supervision, { clock, random }, s),
      // Without reading, the entry is kept, but not restored. An unreachable keyspace is reported by the other loops.
      (s) => retry(following, backoff, { clock, random, onFault }, s),
      (s) => this.#followAsks(seen, s),
      (s) => this.#followFiles(clock, s),
    );
  }

  /** Answers the agents that ask which instances are served. */
  async #followAsks(seen: Cell<Snapshot | undefined>, signal: AbortSignal): Promise<never> {
    for (;;) {
      const { version, value } = seen;
      const asks = [...(value?.below(asksFolder) ?? [])].flat();
      this.#asked = [...new Set(asks.flatMap(askedKeys))].sort();
      this.#update();
      await seen.newer(version, signal);
    }
  }

  /** Writes the state of files once it is another one. */
  async #followFiles(clock: Clock, signal: AbortSignal): Promise<void> {
    // All groups of a watcher have the same one.
    const { news } = this.#source ?? {};
    if (!news) return;
    let version = -1;
    for (;;) {
      await news.newer(version, signal);
      await clock.sleep(gatherMs, signal);
      version = news.version;
      const files = this.#source?.current() ?? [];
      if (!isNews(this.#files ?? [], files)) continue;
      this.#files = files;
      this.desired.set(this.#entries());
      await clock.sleep(pauseMs, signal);
    }
  }

  /** Writes a change of what is acknowledged at once, with the state that the files have then. */
  #update(): void {
    const acknowledged = this.#encoded();
    if (acknowledged === this.#acknowledged) return;
    this.#acknowledged = acknowledged;
    this.#files = this.#source?.current();
    this.desired.set(this.#entries());
  }

  #entries(): Entries {
    const files = this.#files && filesWithinLimits(this.#files);
    return new Map([[this.#key, this.#encoded(files)]]);
  }

  #encoded(files?: WatcherFiles): string {
    const [session, prefixes] = [this.#session, this.#prefixes];
    const acknowledged = { drained: this.#agreed(), serving: this.#serving() };
    return encodeWatcherEntry({ session, prefixes, ...acknowledged, files, turns: this.#turns });
  }

  /** The instances that agents ask for and that are served in every group which reads them. */
  #serving(): ReadonlyMap<string, string> {
    const serving = this.#asked.flatMap((key) => {
      const reading = [...this.#verified].filter(([group]) => reads(group, key));
      const [first, ...others] = reading.map(([, verified]) => verified?.served(key));
      const isServed = first !== undefined && others.every((revision) => revision === first);
      return isServed ? [[key, first] as const] : [];
    });
    return new Map(serving);
  }

  /** The instances that are drained in every group which reads them. */
  #agreed(): DrainedEntries {
    const groups = [...this.#verified];
    const agreed = new Map<string, string>();
    // Many groups may have been verified with the same services.
    for (const drained of new Set(groups.map(([, verified]) => verified?.drained))) {
      for (const [key, revision] of drained ?? []) {
        if (agreed.get(key) === revision) continue;
        const isAgreed = groups.every(
          ([group, own]) => own?.drained.get(key) === revision || !reads(group, key),
        );
        if (isAgreed) agreed.set(key, revision);
      }
    }
    return new Map([...agreed].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Whether an entry with these files would be another one, but for the revisions at which files were verified as they are. */
function isNews(before: readonly WatcherFile[], now: readonly WatcherFile[]): boolean {
  const [old, latest] = [before, now].map((files) => {
    const { files: kept, more } = filesWithinLimits(files);
    return JSON.stringify([kept.map(({ revision, ...rest }) => rest), more]);
  });
  return old !== latest;
}

function reads({ prefixes }: WatchedGroup, key: string): boolean {
  return isWithinAny(key, prefixes);
}
