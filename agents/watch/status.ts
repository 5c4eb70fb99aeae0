import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { Fault, sentence } from "../../lib/base/fault.ts";
import type {
  ObservedFacts,
  PinFacts,
  TemplateFacts,
  UnusableFacts,
} from "../../lib/status/facts.ts";
import { Liveness } from "../../lib/status/liveness.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { AgentFacts } from "../status.ts";
import type { Outcome } from "./apply.ts";
import type { Causes } from "./causes.ts";
import { GroupChanges } from "./group-changes.ts";
import type { TemplateGroup } from "./groups.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";
import type { ObservedFile } from "./observe-group.ts";
import type { WatchState } from "./state.ts";
import { type SuspectsSince, suspectFacts } from "./suspects.ts";

/** How long a reconciliation may take beside the commands that it runs, in milliseconds. */
const graceMs = 60_000;

/** One reconciliation, from its begin to its end, or the time after it. */
export interface Attempt {
  readonly isRunning: boolean;
  /** Undefined unless it has failed. Doubtful only if the one before was not, with the same description: the retry for it has met what it meets. */
  readonly failed?: Causes | undefined;
}

/** The result of a reconciliation. */
export interface GroupOutcome {
  /** The version of the group's `retries` when it began. */
  readonly retries: number;
  /** Undefined if files and proxy are in sync. */
  readonly fault: Fault | undefined;
}

/** A reconciliation that has ended. */
interface Ended extends Pick<GroupOutcome, "retries"> {
  readonly outcome: Outcome | Fault;
  readonly pools: Pools;
  /** Undefined unless it has failed. */
  readonly causes: Causes | undefined;
}

/** The state of one group, for status. */
export class GroupStatus {
  readonly loop: Liveness;
  /** The result of the last reconciliation that was not deferred. */
  readonly outcome = new Cell<GroupOutcome>({ retries: -1, fault: undefined });
  readonly group: TemplateGroup;
  readonly #clock: Clock;
  readonly #unobserved: ObservedFacts;
  /** The changes for which its files may be other ones: `followChanges`. */
  readonly changes = new GroupChanges();
  /** The services that files and proxy are in sync with, if other ones matter only as far as the files depend on them. */
  inSync: Pools | undefined;
  /** Counts the reconciliations that have failed. */
  readonly failures = new Cell(0);
  #attempt: Attempt = { isRunning: false };
  /** The description of the last failure whose cause was in doubt. */
  #doubted: string | undefined;
  #written: Pools | undefined;
  #revision: string | undefined;
  /** By target. */
  readonly #observed = new Map<string, ObservedFacts>();
  readonly #unusable = new Map<string, UnusableFacts>();
  /** The instances that its proxy fails to use: `observeProxy`. */
  readonly suspects = new Cell<SuspectsSince>(new Map());

  /** Counts the changes of files that other watchers may see; groups may share it. */
  readonly news: Cell<number>;

  constructor(group: TemplateGroup, clock: Clock, news = new Cell(0)) {
    this.group = group;
    this.news = news;
    this.loop = new Liveness(group.title, clock);
    this.#clock = clock;
    this.#unobserved = { state: "unknown", sinceMs: clock.now(), why: "" };
  }

  /** The current or the last reconciliation: another object for each, and another one when it ends. */
  get attempt(): Attempt {
    return this.#attempt;
  }

  /** The reconciliation with these services has ended; `retries` is the version of the group's retries when it began. */
  end({ outcome, retries, pools, causes }: Ended): void {
    // A lasting contradiction, such as of an immutable file in a writable folder, is no reason to retry for ever.
    const isDoubtful = causes?.isDoubtful === true && causes.description !== this.#doubted;
    this.#doubted = isDoubtful ? causes.description : undefined;
    const failed = causes && { ...causes, isDoubtful };
    this.#attempt = { isRunning: false, failed };
    const fault = outcome instanceof Fault ? outcome : undefined;
    if (!(outcome instanceof Fault) && outcome.kind === "deferred") return;
    // After another fault the previous files are restored.
    if (!fault || this.group.pin.active) this.#written = undefined;
    else if (fault.code === "PROXY_NOT_RUNNING" && !this.group.search) this.#written = pools;
    this.outcome.set({ retries, fault });
    this.news.set(this.news.value + 1);
  }

  /** The services in the files that were last written for the start of a proxy that does not run; undefined once it does. */
  get writtenForStart(): Pools | undefined {
    return this.#written;
  }

  /** A reconciliation, or one of its attempts, begins: it may take as long as all its commands may, and some time for the rest. */
  begin(): void {
    this.#attempt = { isRunning: true };
    this.inSync = undefined;
    const limits = this.group.files.map(({ plan }) => [
      plan.target.check?.timeout ?? 0,
      plan.proxy?.timeout ?? 0,
    ]);
    this.loop.deadline(limits.flat().reduce((sum, ms) => sum + ms, graceMs));
  }

  /** The reconciliation is put off for `ms` milliseconds. */
  deferred(ms: number): void {
    this.loop.deadline(ms + graceMs);
  }

  /** The files, and the proxy that reads them, are verified to be in sync with this revision of the keyspace. */
  verified(revision: string): void {
    this.#revision = revision;
  }

  /** The files are in sync with these services, too, as they are; `shaped` are the same after policies. */
  stays(pools: Pools, shaped: Pools): void {
    this.inSync = pools;
    this.group.accepted = shaped;
    this.verified(pools.snapshot.revision);
  }

  /** A reconciliation has failed. Returns the files whose observed state follows from that, and is another one than before. */
  failed({ code, message }: Fault): readonly ObservedFile[] {
    this.failures.set(this.failures.value + 1);
    const isDown = code === "PROXY_NOT_RUNNING" || code === "PROXY_UNREACHABLE";
    return isDown ? this.observed(this.#all("proxy down", message)) : [];
  }

  /**
   * The files were written, and the proxy that reads them was verified to use them. Returns the files that were out of sync
   * before.
   */
  applied(): readonly ObservedFile[] {
    const { outOfSync } = this;
    this.observed(this.#all("in sync", ""));
    return outOfSync;
  }

  #all(state: ObservedFile["state"], why: string): readonly ObservedFile[] {
    return this.group.files.map(({ plan }) => ({ target: plan.target.path, state, why }));
  }

  /** The proxy that reads the files was last observed to be down. */
  get isProxyDown(): boolean {
    return [...this.#observed.values()].some(({ state }) => state === "proxy down");
  }

  /** The files that something else has changed, or of which it has changed the proxy, as last observed. */
  get outOfSync(): readonly ObservedFile[] {
    const files = Array.from(this.#observed, ([target, observed]) => ({ target, ...observed }));
    return files.filter(({ state }) => state === "out of sync");
  }

  /**
   * Files and proxy were looked at. Returns the files whose state is another one than before, but not the first one, and the
   * ones that are out of sync for another reason.
   */
  observed(files: readonly ObservedFile[]): readonly ObservedFile[] {
    const changed: ObservedFile[] = [];
    for (const file of files) {
      const { target, state, why } = file;
      const before = this.#observed.get(target) ?? this.#unobserved;
      const isSame = state === before.state;
      const isFirst = before.state === "unknown" && state === "in sync";
      // Attempts and looks describe a proxy that is down in words of their own, in turns.
      const isNews = !isSame || (state === "out of sync" && why !== before.why);
      if (isNews && !isFirst) changed.push(file);
      const sinceMs = isSame ? before.sinceMs : this.#clock.now();
      this.#observed.set(target, { state, sinceMs, why });
      if (!isSame) this.news.set(this.news.value + 1);
    }
    return changed;
  }

  /** The template of a file was read; `fault` is undefined if it can be used. */
  templateRead(target: string, fault: Fault | undefined): void {
    const before = this.#unusable.get(target);
    if (!fault) this.#unusable.delete(target);
    else
      this.#unusable.set(target, {
        fault: { code: fault.code, message: sentence(fault) },
        sinceMs: before?.sinceMs ?? this.#clock.now(),
      });
  }

  facts(): readonly TemplateFacts[] {
    const loop = this.loop.facts();
    const pinned = this.#pinned();
    return this.group.files.map(({ plan: { target } }) => ({
      target: target.path,
      revision: this.#revision,
      loop,
      observed: this.#observed.get(target.path) ?? this.#unobserved,
      unusable: this.#unusable.get(target.path),
      pinned,
      turn: this.group.turn?.view,
    }));
  }

  #pinned(): PinFacts | undefined {
    const { shown, drainsWaiting } = this.group.pin;
    if (!shown) return undefined;
    const { n: generation, reason, sinceMs, untilMs } = shown;
    return { generation, reason, sinceMs, untilMs, drainsWaiting };
  }
}

/** The loops of a watcher that serve all its groups and keyspaces. */
export class WatchLoops {
  readonly cache: Liveness;
  readonly names: Liveness;

  constructor(clock: Clock) {
    this.cache = new Liveness("saving the snapshot", clock);
    this.names = new Liveness("resolving host names", clock);
  }
}

/** What status reports of a watcher. */
export function watchFacts(
  statuses: readonly GroupStatus[],
  loops: WatchLoops,
  { views, nameView, doubts }: Pick<WatchState, "views" | "nameView" | "doubts">,
  keyspaces: FollowedKeyspaces,
): AgentFacts {
  const rejected = statuses.flatMap(({ group: { quarantine, unrenderable } }) => [
    ...quarantine.quarantined,
    ...unrenderable.quarantined,
  ]);
  const { keyspaceLoops, mounts, cachedSnapshot } = keyspaces.facts();
  const all = [
    ...keyspaces.all.map(({ following }) => following),
    loops.cache,
    ...keyspaces.all.map(({ acknowledging }) => acknowledging),
    loops.names,
    ...statuses.map(({ loop }) => loop),
  ];
  return {
    loops: all.map((loop) => loop.facts()),
    ...{ keyspaceLoops, mounts },
    watch: {
      templates: statuses.flatMap((status) => status.facts()),
      quarantined: [...views.quarantined, ...nameView.quarantined, ...rejected],
      retained: views.retained,
      doubted: doubts.found.value,
      cachedSnapshot,
      ...suspectFacts(
        statuses.map(({ group, suspects }) => [group.proxy?.title ?? group.title, suspects.value]),
      ),
    },
  };
}
