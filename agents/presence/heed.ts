import type { Cell, Current } from "../../lib/base/cell.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import type { Health } from "../../lib/health/contract.ts";
import type { HealthById } from "../../lib/health/watch.ts";
import { decode } from "../../lib/model/decode.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import {
  type HeedRules,
  type HeedStandings,
  heedReports,
  nextHeedMs,
} from "../../lib/presence/heed.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { describeReporters } from "./describe-report.ts";
import type { Reports } from "./follow-reports.ts";
import { logVerdict } from "./health.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** An instance that is unhealthy for what proxies report, and since when, in milliseconds of the clock. */
interface Heeded {
  readonly why: string;
  readonly sinceMs: number;
}

interface Heeding extends Pick<PresenceState, "health" | "observed" | "storeKeys"> {
  /** What the checks alone conclude. */
  readonly checked: Cell<HealthById>;
  readonly reports: Cell<Reports>;
}

/**
 * Keeps `health` equal to what the checks conclude, but down for an instance that enough proxies have failed to use for long enough.
 * The last one of a service stays, which is logged: another entry has to take requests, and not be reported in the same way.
 */
export async function heedProxies(
  rules: HeedRules,
  placing: Current<Placing>,
  { checked, health, reports, observed, storeKeys }: Heeding,
  { clock, log }: Pick<PresenceDeps, "clock" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const storeKeyOf = (name: string) => {
    const key = placesOf(placing.value).keyOf(name);
    return storeKeys.value.get(key) ?? key;
  };
  let standings: HeedStandings = new Map();
  let heeded: ReadonlyMap<string, Heeded> = new Map();
  for (;;) {
    const versions = [checked.version, reports.version] as const;
    const { own, shareOf } = reports.value;
    const nowMs = clock.now();
    const counts = [...own].flatMap(([name, { failing, of }]) => {
      const isUp = checked.value.get(name)?.verdict === "up";
      return isUp ? [[name, { failing: failing.size, of }] as const] : [];
    });
    const down = new Set([...heeded.keys()].map(storeKeyOf));
    const isOut = (key: string) => down.has(key) || shareOf(key) >= rules.share;
    const isLast = (name: string) => !hasOther(storeKeyOf(name), isOut, observed.value);
    const before = standings;
    standings = heedReports(before, new Map(counts), isLast, rules, nowMs);
    logKept(before, standings, reports.value, log);
    const wasHeeded = heeded;
    heeded = heededIn(standings, heeded, reports.value, nowMs);
    const next = overlaid(checked.value, heeded);
    for (const name of new Set([...wasHeeded.keys(), ...heeded.keys()])) {
      logHeeded(name, health.value.get(name), next.get(name), log);
    }
    if (next !== health.value) health.set(next);
    const dueMs = nextHeedMs(standings, rules);
    await race(
      signal,
      (s) => checked.newer(versions[0], s),
      (s) => reports.newer(versions[1], s),
      ...(Number.isFinite(dueMs) ? [(s: AbortSignal) => clock.sleep(dueMs - nowMs, s)] : []),
    );
  }
}

/** Whether the service of an entry has another one that takes requests. */
function hasOther(
  storeKey: string,
  isOut: (key: string) => boolean,
  observed: Snapshot | undefined,
): boolean {
  const folder = storeKey.slice(0, storeKey.lastIndexOf("/"));
  const service = folder.slice(folder.lastIndexOf("/") + 1);
  for (const chunk of observed?.below(folder) ?? []) {
    for (const entry of chunk) {
      if (entry.key === storeKey || isOut(entry.key)) continue;
      const decoded = decode({ service, id: entry.key.slice(folder.length + 1) }, entry);
      if ("endpoint" in decoded && decoded.endpoint.weight > 0) return true;
    }
  }
  return false;
}

/** The instances that are unhealthy now. Why is what was reported when it began: proxies forget an instance that is deregistered. */
function heededIn(
  standings: HeedStandings,
  before: ReadonlyMap<string, Heeded>,
  { own }: Reports,
  nowMs: number,
): ReadonlyMap<string, Heeded> {
  const down = [...standings].flatMap(([name, { downUntilMs }]) => {
    const report = own.get(name);
    const why = report ? describeReporters(report) : "proxies have failed to use it";
    const known = before.get(name) ?? { why, sinceMs: nowMs };
    return downUntilMs === undefined ? [] : [[name, known] as const];
  });
  return new Map(down);
}

/** The title of what stands beside the checks of an instance. */
const title = "heeding proxies";

/** As one more check, which fails. */
function overlaid(checked: HealthById, heeded: ReadonlyMap<string, Heeded>): HealthById {
  if (heeded.size === 0) return checked;
  const changes = [...heeded].flatMap(([name, { why, sinceMs }]) => {
    const known = checked.get(name);
    const failing = { title, verdict: "down", against: 0, why, sinceMs } as const;
    const health: Health = { verdict: "down", checks: [...(known?.checks ?? []), failing] };
    return known ? [[name, health] as const] : [];
  });
  return checked.with(changes);
}

function logHeeded(
  id: string,
  before: Health | undefined,
  health: Health | undefined,
  log: Log,
): void {
  if (!before || !health || before.verdict === health.verdict) return;
  logVerdict({ id, before: before.verdict, health }, log);
}

function logKept(before: HeedStandings, after: HeedStandings, { own }: Reports, log: Log): void {
  for (const [name, { isKept }] of after) {
    const report = own.get(name);
    if (!isKept || before.get(name)?.isKept || !report) continue;
    const sentence = `${name} stays registered, although ${describeReporters(report)}: no other instance of its service is healthy`;
    log.warn("heed_last_kept", sentence, { id: name });
  }
}
