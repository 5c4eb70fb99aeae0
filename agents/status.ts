import type { Clock } from "../lib/base/clock.ts";
import type { FaultReporter } from "../lib/base/fault-reporter.ts";
import type { TemplatePlan } from "../lib/config/plan.ts";
import { explain } from "../lib/health/combine.ts";
import type { Check, Health } from "../lib/health/contract.ts";
import type { Quarantined } from "../lib/model/pool.ts";
import { nameOf } from "../lib/presence/roster.ts";
import type {
  CachedSnapshotStatus,
  Drain,
  PresenceStatus,
  RetainedFacts,
  StatusReport,
  TemplateFacts,
  WatchFacts,
} from "../lib/status/contract.ts";
import { Liveness } from "../lib/status/liveness.ts";
import { report } from "../lib/status/report.ts";
import type { Discoveries } from "./presence/discover.ts";

/** What is known of an agent from the start. */
export interface Identity {
  readonly version: string;
  readonly pid: number;
  /** The keyspace's URL, for people. */
  readonly url: string;
}

/** What the agents of this process let be known of themselves: they hand in the pieces, and it is asked for all. */
export class AgentStatus {
  /** What presence has to say; undefined where this process announces nobody. */
  presence: (() => PresenceStatus) | undefined;
  /** The entries that the watcher leaves out. */
  quarantined: () => readonly Quarantined[] = () => [];
  /** The services that it shows with instances which have gone. */
  held: () => readonly RetainedFacts[] = () => [];
  /** What stands in for a keyspace that was not reached since the start. */
  cachedSnapshot: () => CachedSnapshotStatus | undefined = () => undefined;
  /** How presence has instances leave. */
  drain: Drain | undefined;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #loops: Liveness[] = [];
  readonly #followers: Liveness[] = [];
  readonly #files: FilesStatus[] = [];

  constructor(identity: Identity, clock: Clock) {
    this.#identity = identity;
    this.#clock = clock;
    this.#startedMs = clock.now();
  }

  /** A loop of an agent, which is part of the report from now on. */
  loop(name: string): Liveness {
    const loop = new Liveness(name, this.#clock);
    this.#loops.push(loop);
    return loop;
  }

  /** A loop that follows the keyspace: it finds out whether that can be reached, and has to do so soon. */
  follower(name: string): Liveness {
    const loop = this.loop(name);
    this.#followers.push(loop);
    loop.deadline();
    return loop;
  }

  /** Files that one loop writes together. */
  files(name: string, plans: readonly TemplatePlan[]): FilesStatus {
    const files = new FilesStatus(this.loop(name), plans);
    this.#files.push(files);
    return files;
  }

  report(): StatusReport {
    const { version, pid, url } = this.#identity;
    const facts = {
      version,
      pid,
      startedMs: this.#startedMs,
      keyspace: { url, loops: this.#followers.map((loop) => loop.facts()) },
      loops: this.#loops.map((loop) => loop.facts()),
      presence: this.presence?.(),
      watch: this.#watch(),
    };
    return report(facts, this.#clock.now());
  }

  #watch(): WatchFacts | undefined {
    if (this.#files.length === 0) return undefined;
    const templates = this.#files.flatMap((files) => files.facts());
    const { quarantined, held, cachedSnapshot } = this;
    return {
      templates,
      quarantined: quarantined(),
      retained: held(),
      cachedSnapshot: cachedSnapshot(),
    };
  }
}

/** A reporter that also keeps the state of a loop: a fault is its failure, and the resolution its success. */
export function withLiveness(reporter: FaultReporter, loop: Liveness): FaultReporter {
  return {
    report(fault, retryInMs, consequence) {
      loop.fail(fault, retryInMs);
      reporter.report(fault, retryInMs, consequence);
    },
    resolved() {
      loop.succeed();
      reporter.resolved();
    },
  };
}

/** What a probe may take beyond its own time limit before it is taken to hang, in milliseconds. */
const graceMs = 10_000;

/** A check whose probes are part of what a loop does. */
export function watched(check: Check, timeoutMs: number, loop: Liveness): Check {
  return {
    title: check.title,
    probe: (signal) => loop.track(timeoutMs + graceMs, check.probe(signal)),
  };
}

/** What is so with who was found; `isAnnounced` and `isLeaving` are asked by `nameOf`. */
export function presenceStatus(
  { found, quarantined, isComplete: isWhole }: Discoveries,
  health: ReadonlyMap<string, Health>,
  { isAnnounced, isLeaving }: Record<"isAnnounced" | "isLeaving", (name: string) => boolean>,
): PresenceStatus {
  return {
    instances: found.map(({ instance, standing }) => {
      const name = nameOf(instance);
      const known = health.get(name);
      const isDown = standing.state === "down";
      return {
        name,
        verdict: isDown ? "down" : (known?.verdict ?? "unknown"),
        why: isDown ? standing.why : known ? explain(known) : "",
        registered: isAnnounced(name),
        draining: isLeaving(name),
      };
    }),
    quarantined: quarantined,
    isComplete: isWhole,
  };
}

/** Files that are written together, by one loop. */
export class FilesStatus {
  readonly loop: Liveness;
  readonly #plans: readonly TemplatePlan[];
  #revision: string | undefined;

  constructor(loop: Liveness, plans: readonly TemplatePlan[]) {
    this.loop = loop;
    this.#plans = plans;
  }

  /** A turn begins: it may take as long as all its commands may, and a minute for the rest. */
  begins(): void {
    const limits = this.#plans.map(({ target, proxy }) => [
      target.check?.timeout ?? 0,
      proxy?.timeout ?? 0,
    ]);
    this.loop.deadline(limits.flat().reduce((sum, ms) => sum + ms, 60_000));
  }

  /** A turn is put off for so long: what is in force stays in force. */
  waits(ms: number): void {
    this.loop.deadline(ms + 60_000);
  }

  /** What this revision of the keyspace asks for is in force, which is proved. */
  served(revision: string): void {
    this.#revision = revision;
  }

  facts(): readonly TemplateFacts[] {
    const loop = this.loop.facts();
    return this.#plans.map(({ target }) => ({
      target: target.path,
      revision: this.#revision,
      loop,
    }));
  }
}
