import { isDeepStrictEqual } from "node:util";
import { Cell } from "../base/cell.ts";
import { SharingMap } from "../base/sharing-map.ts";
import { runInSlices } from "../base/slices.ts";
import type { Start } from "../base/tasks.ts";
import { withTasks } from "../base/tasks.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Check, CheckHealth, Health, Subject, Target } from "./contract.ts";
import type { Timing } from "./fields.ts";
import { scheduleOf } from "./fields.ts";
import type { RoundsDeps } from "./rounds.ts";
import { initialHealth, runChecks } from "./subject.ts";
import type { CheckTriggers, OnTrigger } from "./triggers.ts";

/** The health of all subjects, by id. */
export type HealthById = SharingMap<Health>;

/** A change of the verdict on a subject. */
export interface VerdictChange {
  readonly id: string;
  readonly before: Verdict;
  readonly health: Health;
}

export interface WatchDeps<Config> extends RoundsDeps {
  /** `id` is that of the subject. */
  readonly createCheck: (config: Config, target: Target, id: string) => Check;
  /** Called for each change of a verdict, for the log; the state itself is in the cell. */
  readonly onVerdict: (change: VerdictChange) => void;
  /** Runs the checks of a subject at once. */
  readonly triggers: CheckTriggers;
  /** Called for each trigger of a subject that has checks, for the log. */
  readonly onTrigger: OnTrigger;
}

/**
 * Keeps `health` up to date for the current subjects. An unchanged subject keeps its health; one with a changed target or another
 * run starts again as unknown, unless the same run has moved to another target or id. With other checks, the unchanged ones keep
 * their verdicts, and a subject that is up stays up until the new ones conclude otherwise. A triggered subject is checked at once. Ends only when
 * `signal` aborts.
 */
export async function watchHealth<Config extends Timing>(
  subjects: Cell<readonly Subject<Config>[]>,
  health: Cell<HealthById>,
  deps: WatchDeps<Config>,
  signal: AbortSignal,
): Promise<void> {
  let watched: ReadonlyMap<string, WatchedSubject<Config>> = new Map();
  const publish = (state: SubjectState<Config>) =>
    health.set(health.value.with([[state.subject.id, state.health]]));
  const unfollow = deps.triggers.follow((id, why) => {
    const triggered = watched.get(id)?.triggered;
    if (!triggered) return;
    deps.onTrigger(id, why);
    triggered.set(why);
  });
  try {
    await withTasks(signal, async (start, s) => {
      for (;;) {
        const version = subjects.version;
        const startOne: StartOne<Config> = (subject, before, startWithinMs) =>
          startWatching(subject, before, startWithinMs, publish, deps, start);
        watched = await reconcile(watched, subjects.value, startOne, deps, s);
        health.set(SharingMap.of(Array.from(watched, ([id, { state }]) => [id, state.health])));
        await subjects.newer(version, s);
      }
    });
  } finally {
    unfollow();
  }
}

interface SubjectState<Config> {
  readonly subject: Subject<Config>;
  health: Health;
}

interface WatchedSubject<Config> {
  readonly state: SubjectState<Config>;
  /** Set to the reason for which its checks are to run at once; undefined if it has none. */
  readonly triggered: Cell<string | undefined> | undefined;
  /** Stops its checks. */
  readonly stop: () => void;
}

/** Starts the checks of a subject; `before` is what is known of each of them, if it is. */
type StartOne<Config> = (
  subject: Subject<Config>,
  before: Known,
  startWithinMs: number,
) => WatchedSubject<Config>;

/** Average milliseconds between the first rounds of new checks. */
const spreadMs = 10;

/** The watched subjects after a change: stops removed or changed ones, and starts new ones, many of them in slices. */
async function reconcile<Config>(
  watched: ReadonlyMap<string, WatchedSubject<Config>>,
  subjects: readonly Subject<Config>[],
  start: StartOne<Config>,
  { clock }: Pick<RoundsDeps, "clock">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, WatchedSubject<Config>>> {
  const desired = new Map(subjects.map((subject) => [subject.id, subject]));
  const kept = new Map<string, WatchedSubject<Config>>();
  for (const [id, one] of watched) {
    if (isSame(one.state.subject, desired.get(id))) kept.set(id, one);
    else one.stop();
  }
  const added = [...desired.values()].filter(({ id }) => !kept.has(id));
  const startWithinMs = spreadMs * added.reduce((count, { checks }) => count + checks.length, 0);
  const byProcess = new Map(
    [...watched.values()].map((one) => [processOf(one.state.subject), one] as const),
  );
  const after = new Map<string, WatchedSubject<Config>>();
  const steps = function* () {
    for (const [id, subject] of desired) {
      const { state } = watched.get(id) ?? byProcess.get(processOf(subject)) ?? {};
      const before = knownOf(state, subject, clock.now());
      yield after.set(id, kept.get(id) ?? start(subject, before, startWithinMs));
    }
  };
  await runInSlices(steps(), clock, signal);
  return after;
}

/** Identifies a run at a target, whatever its id: a container may be renamed. */
function processOf<Config>({ run, target: { host, port } }: Subject<Config>): string {
  return `${run} ${host} ${port}`;
}

/** The health of each check of a subject, as far as it is known; undefined for a check that starts as unknown. */
type Known = readonly (CheckHealth | undefined)[];

/**
 * What is known of the checks of a subject from before it was changed: of all of them where the same run has moved to its target or
 * id; of the unchanged ones where it has other checks, and of the others that they are up if it was.
 */
function knownOf<Config>(
  before: SubjectState<Config> | undefined,
  { id, run, target, checks }: Subject<Config>,
  nowMs: number,
): Known {
  if (before === undefined || before.subject.run !== run) return [];
  const { subject, health } = before;
  if (isDeepStrictEqual(subject.checks, checks)) return run === undefined ? [] : health.checks;
  if (subject.id !== id || !isDeepStrictEqual(subject.target, target)) return [];
  const isUp = health.verdict === "up";
  const up = { verdict: "up", against: 0, title: "", why: undefined, sinceMs: nowMs } as const;
  return checks.map((check) => {
    const i = subject.checks.findIndex((one) => isDeepStrictEqual(one, check));
    return health.checks[i] ?? (isUp ? up : undefined);
  });
}

function isSame<Config>(a: Subject<Config>, b: Subject<Config> | undefined): boolean {
  if (a === b) return true;
  return (
    b !== undefined &&
    a.target.host === b.target.host &&
    a.target.port === b.target.port &&
    a.run === b.run &&
    isDeepStrictEqual(a.checks, b.checks)
  );
}

/** Starts the checks, if any, of a new subject. */
function startWatching<Config extends Timing>(
  subject: Subject<Config>,
  before: Known,
  startWithinMs: number,
  publish: (state: SubjectState<Config>) => void,
  deps: WatchDeps<Config>,
  start: Start,
): WatchedSubject<Config> {
  const checks = subject.checks.map((config) => ({
    check: deps.createCheck(config, subject.target, subject.id),
    schedule: scheduleOf(config),
  }));
  const state = { subject, health: initialHealth(checks, deps.clock.now(), before) };
  if (checks.length === 0) return { state, triggered: undefined, stop: () => {} };
  const onHealth = (health: Health) => {
    const { verdict: before } = state.health;
    state.health = health;
    publish(state);
    if (health.verdict !== before) deps.onVerdict({ id: subject.id, before, health });
  };
  const initial = state.health;
  const triggered = new Cell<string | undefined>(undefined);
  const stop = start((s) =>
    runChecks(checks, initial, startWithinMs, triggered, onHealth, deps, s),
  );
  return { state, triggered, stop };
}
