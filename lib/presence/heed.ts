/** When an instance that proxies fail to use is unhealthy. */
export interface HeedRules {
  /** The least share of the watchers that use it, above 0 to 1. */
  readonly share: number;
  /** For how long, in milliseconds. */
  readonly forMs: number;
  /** For how long it is unhealthy then, in milliseconds; twice as long with each time in a row. */
  readonly retryMs: number;
}

/** How many of the watchers that use an instance report it. */
export interface Reported {
  readonly failing: number;
  readonly of: number;
}

/** What reports have come to for one instance, as plain data. Times are milliseconds of the clock. */
export interface HeedStanding {
  /** Since when enough watchers report it; absent while they do not. */
  readonly reachedMs?: number;
  /** Until when it is unhealthy; absent while it is not. */
  readonly downUntilMs?: number;
  /** How often it has been, in a row, and when that ended last. */
  readonly times: number;
  readonly endedMs?: number;
  /** Enough watchers have reported it for long enough, and it stays since nothing else of its service is healthy. */
  readonly isKept?: true;
}

/** By the name of the instance. */
export type HeedStandings = ReadonlyMap<string, HeedStanding>;

/** The longest time for which an instance is unhealthy, and after which earlier times are forgotten, in milliseconds. */
const longestMs = 300_000;

/**
 * What follows from reports at `nowMs`. An instance that is unhealthy for them is deregistered, so that no proxy can report it any
 * longer: it is tried again after a while. `isLast` is whether its service would have no healthy instance without it.
 */
export function heedReports(
  before: HeedStandings,
  reports: ReadonlyMap<string, Reported>,
  isLast: (name: string) => boolean,
  rules: HeedRules,
  nowMs: number,
): HeedStandings {
  const names = new Set([...before.keys(), ...reports.keys()]);
  const after = new Map<string, HeedStanding>();
  for (const name of names) {
    const standing = before.get(name) ?? { times: 0 };
    const next = nextStanding(standing, reports.get(name), () => isLast(name), rules, nowMs);
    if (next) after.set(name, next);
  }
  return after;
}

function nextStanding(
  standing: HeedStanding,
  reported: Reported | undefined,
  isLast: () => boolean,
  { share, forMs, retryMs }: HeedRules,
  nowMs: number,
): HeedStanding | undefined {
  const { downUntilMs, times, endedMs } = standing;
  if (downUntilMs !== undefined) {
    return nowMs < downUntilMs ? standing : { times, endedMs: nowMs };
  }
  const isReached = reported && reported.of > 0 && reported.failing / reported.of >= share;
  if (!isReached) {
    const isForgotten = endedMs === undefined || nowMs - endedMs >= longestMs;
    return isForgotten ? undefined : { times, endedMs };
  }
  const { reachedMs = nowMs } = standing;
  const reached = { times, reachedMs, ...(endedMs !== undefined && { endedMs }) };
  if (nowMs - reachedMs < forMs) return reached;
  if (isLast()) return { ...reached, isKept: true };
  const downMs = Math.min(longestMs, retryMs * 2 ** times);
  return { times: times + 1, downUntilMs: nowMs + downMs };
}

/** When something follows without a further report, in milliseconds of the clock; Infinity if nothing does. */
export function nextHeedMs(standings: HeedStandings, { forMs }: HeedRules): number {
  const times = standings.values().map(({ downUntilMs, reachedMs, isKept }) => {
    if (downUntilMs !== undefined) return downUntilMs;
    return reachedMs === undefined || isKept ? Number.POSITIVE_INFINITY : reachedMs + forMs;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}
