import type { Entry } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Culprit } from "../../lib/view/bisect.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { without } from "../../lib/view/without.ts";
import { faults } from "../faults.ts";
import type { Outcome } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { hasCheck, judgeOf, tryToApply, validateAll } from "./judge.ts";
import { type Judgement, naming } from "./judgement.ts";
import { logQuarantine } from "./quarantine-log.ts";
import { type RetryDeps, retryDue } from "./retry-due.ts";
import { type Judge, Search } from "./search.ts";

/** How long one reconciliation searches for bad entries, in milliseconds: a change waits at most that long, and one check. */
const usualSearchMs = 2000;

/**
 * If no entry is the cause of a rejection, the same entries are searched again after so many milliseconds at the earliest,
 * and searching takes a twentieth of the time at the most.
 */
const [leastRestMs, restPerWork] = [30_000, 20];

/** The result of a reconciliation with bad entries left out. */
export interface Isolated {
  readonly outcome: Outcome;
  /** The services as they are served; those with quarantined instances have them still. */
  readonly served: Pools;
  /** False if the search for bad entries goes on with the next reconciliation. */
  readonly isComplete: boolean;
}

export interface IsolateDeps extends RetryDeps {
  /** How long to search for bad entries, in milliseconds; 2 s by default. */
  readonly searchMs?: number;
}

/**
 * Applies, and quarantines the instances that a check command or the proxy rejects, so that a bad entry does not stop the
 * others. If the search for them takes long, the instances that are known to be good are applied meanwhile, and the next call goes on.
 * Throws like `apply`; the fault names the key if it is known and is no reason to quarantine its entry.
 */
export async function applyIsolatingBadEntries(
  group: TemplateGroup,
  pools: Pools,
  deps: IsolateDeps,
  signal: AbortSignal,
): Promise<Isolated> {
  const { quarantine } = group;
  quarantine.judgedBy(judgeOf(group));
  const held = quarantine.in(pools.snapshot);
  // Without a check command only the proxy can judge entries that are due: they are part of the change.
  const onTrial = new Set(hasCheck(group) ? [] : quarantine.due);
  const wanted = without(pools, held.difference(onTrial));
  try {
    const { outcome, search } = await serve(group, wanted, pools.snapshot, deps, signal);
    const served = search ? search.withoutUndecided(pools) : pools;
    const isComplete = search === undefined;
    if (outcome.kind === "deferred" || !isComplete) return { outcome, served, isComplete };
    // Entries that were rejected again are not due.
    const accepted = onTrial.intersection(new Set(quarantine.due));
    logQuarantine(quarantine.release(accepted), deps.log);
    const retried = hasCheck(group) && (await retryDue(group, pools, deps, signal));
    return { outcome: retried || outcome, served, isComplete };
  } catch (error) {
    quarantine.postpone([...onTrial]);
    throw error;
  }
}

/** The result, and the search if it has to go on. */
interface Served {
  readonly outcome: Outcome;
  readonly search?: Search;
}

/** Goes on with the search for bad entries, or applies all that is wanted; where that is rejected, searches. */
async function serve(
  group: TemplateGroup,
  wanted: Pools,
  snapshot: Snapshot,
  deps: IsolateDeps,
  signal: AbortSignal,
): Promise<Served> {
  const search = group.search?.change(wanted) ? group.search : undefined;
  group.search = undefined;
  if (search) return await goOn(group, search, deps, signal);
  const result = await tryToApply(group, wanted, deps, signal);
  if ("kind" in result) return { outcome: result };
  const { clock } = deps;
  const { inVain } = group;
  if (inVain?.snapshot === snapshot && clock.now() < inVain.untilMs) throw naming(result);
  const startMs = clock.now();
  try {
    return await goOn(group, begin(group, wanted, result), deps, signal);
  } catch (error) {
    const restMs = Math.max(leastRestMs, restPerWork * (clock.now() - startMs));
    group.inVain = { snapshot, untilMs: clock.now() + restMs };
    throw error;
  }
}

function begin(group: TemplateGroup, wanted: Pools, judgement: Judgement): Search {
  const { accepted, prefixes } = group;
  const isHarmless = judgement.fault.code === "INSTALL_CHECK_FAILED";
  return new Search({ wanted, accepted, prefixes, judgement, isHarmless });
}

/** Searches for some time, quarantines what is found, and applies the rest. */
async function goOn(
  group: TemplateGroup,
  search: Search,
  deps: IsolateDeps,
  signal: AbortSignal,
): Promise<Served> {
  const { clock, log, searchMs = usualSearchMs } = deps;
  const startMs = clock.now();
  let last: Outcome | undefined;
  const byProxy: Judge = async (pools) => {
    const { waitMs } = group.limiter;
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const result = await tryToApply(group, pools, deps, signal);
    if (!("kind" in result)) return result;
    // It is not judged: the turn was lost meanwhile.
    if (result.kind === "deferred") throw faults.AGENT_SEARCH_WAITS({ files: group.title });
    last = result;
    return undefined;
  };
  const byCheck: Judge = (pools) => validateAll(group, pools, deps, signal);
  await search.run(search.isHarmless ? byCheck : byProxy, () => clock.now() - startMs >= searchMs);

  const isDone = search.isDone;
  const found = search.culprits.filter(({ item }) => {
    return isDone || (search.isUseful && search.isNew(item));
  });
  logQuarantine(group.quarantine.add(found.flatMap((one) => withEntry(one, search))), log);
  if (!isDone) group.search = search;
  if (!isDone && !search.isUseful) throw naming(search.judgement);
  const result = await tryToApply(group, search.best, deps, signal);
  if ("kind" in result) {
    const outcome = result.kind === "same" ? (last ?? result) : result;
    return isDone ? { outcome } : { outcome, search };
  }
  // The proxy may reject what the check command accepts.
  const isBeyondCheck = search.isHarmless && result.fault.code !== "INSTALL_CHECK_FAILED";
  if (!isBeyondCheck) throw naming(result);
  return await goOn(group, begin(group, search.best, result), deps, signal);
}

function withEntry({ item, why }: Culprit<string>, search: Search): readonly Culprit<Entry>[] {
  const entry = search.wanted.snapshot.get(item);
  return entry ? [{ item: entry, why: search.judgement.hide(why) }] : [];
}
