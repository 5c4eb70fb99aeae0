import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../base/cell.ts";
import { SharingMap } from "../base/sharing-map.ts";
import { runInSlices } from "../base/slices.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Check, Health, Subject, Target } from "./contract.ts";
import type { Timing } from "./fields.ts";
import { scheduleOf } from "./fields.ts";
import type { RoundsDeps } from "./rounds.ts";
import { initialHealth, runChecks } from "./subject.ts";
import type { Start } from "./tasks.ts";
import { withTasks } from "./tasks.ts";

/** The health of all subjects, by id. */
export type HealthById = SharingMap<Health>;

/** A change of the verdict on a subject. */
export interface VerdictChange {
  readonly id: string;
  readonly before: Verdict;
  readonly health: Health;
}

export interface WatchDeps<Config> extends RoundsDeps {
  readonly createCheck: (config: Config, target: Target) => Check;
  /** Called for each change of a verdict, for the log; the state itself is in the cell. */
  readonly onVerdict: (change: VerdictChange) => void;
}

/**
 * Keeps `health` up to date for the current subjects. An unchanged subject keeps its health; one with changed checks
 * or a changed target starts again as unknown. Ends only when `signal` aborts.
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
  await withTasks(signal, async (start, s) => {
    for (;;) {
      const version = subjects.version;
      const startOne = (subject: Subject<Config>, startWithinMs: number) =>
        startWatching(subject, startWithinMs, publish, deps, start);
      watched = await reconcile(watched, subjects.value, startOne, deps, s);
      health.set(SharingMap.of(Array.from(watched, ([id, { state }]) => [id, state.health])));
      await subjects.newer(version, s);
    }
  });
}

interface SubjectState<Config> {
  readonly subject: Subject<Config>;
  health: Health;
}

interface WatchedSubject<Config> {
  readonly state: SubjectState<Config>;
  /** Stops its checks. */
  readonly stop: () => void;
}

/** Average milliseconds between the first rounds of new checks. */
const spreadMs = 10;

/** The watched subjects after a change: stops removed or changed ones, and starts new ones, many of them in slices. */
async function reconcile<Config>(
  watched: ReadonlyMap<string, WatchedSubject<Config>>,
  subjects: readonly Subject<Config>[],
  start: (subject: Subject<Config>, startWithinMs: number) => WatchedSubject<Config>,
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
  const after = new Map<string, WatchedSubject<Config>>();
  const steps = function* () {
    for (const [id, subject] of desired) {
      yield after.set(id, kept.get(id) ?? start(subject, startWithinMs));
    }
  };
  await runInSlices(steps(), clock, signal);
  return after;
}

function isSame<Config>(a: Subject<Config>, b: Subject<Config> | undefined): boolean {
  if (a === b) return true;
  return (
    b !== undefined &&
    a.target.host === b.target.host &&
    a.target.port === b.target.port &&
    isDeepStrictEqual(a.checks, b.checks)
  );
}

/** Starts the checks, if any, of a new subject. */
function startWatching<Config extends Timing>(
  subject: Subject<Config>,
  startWithinMs: number,
  publish: (state: SubjectState<Config>) => void,
  deps: WatchDeps<Config>,
  start: Start,
): WatchedSubject<Config> {
  const checks = subject.checks.map((config) => ({
    check: deps.createCheck(config, subject.target),
    schedule: scheduleOf(config),
  }));
  const state = { subject, health: initialHealth(checks, deps.clock.now()) };
  if (checks.length === 0) return { state, stop: () => {} };
  const onHealth = (health: Health) => {
    const before = state.health.verdict;
    state.health = health;
    publish(state);
    if (health.verdict !== before) deps.onVerdict({ id: subject.id, before, health });
  };
  const stop = start((s) => runChecks(checks, startWithinMs, onHealth, deps, s));
  return { state, stop };
}
