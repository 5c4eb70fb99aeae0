import { Fault, sentence } from "../../lib/base/fault.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import { delayMs } from "../../lib/base/retry.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { shapeOnce } from "../../lib/view/policies/shape-once.ts";
import { Views } from "../../lib/view/views.ts";
import { faults } from "../faults.ts";
import { awaitSnapshots } from "./await-snapshot.ts";
import { type GroupDeps, openEachGroup, prefixesOf, type TemplateGroup } from "./groups.ts";
import { lackedKeyspaces } from "./lacking.ts";
import { attempt, logOutcome } from "./reconcile.ts";
import { resolveOnce } from "./resolve-once.ts";
import type { WatchDeps } from "./state.ts";
import { targetsOf } from "./targets.ts";

/** Files that could not be brought in sync. */
interface Failed {
  readonly title: string;
  readonly fault: Fault;
}

/**
 * One pass: every template is rendered, checked, installed and applied, whatever happens to the others. Waits for the keyspace,
 * and for proxies that do not answer yet, `timeoutMs` in all. A proxy that is not running is waited for in no case: it reads the
 * files when it starts. Throws AGENT_ONCE_INCOMPLETE with every file that is not done.
 */
export async function watchOnce(
  plan: WatchPlan,
  timeoutMs: number,
  deps: WatchDeps & GroupDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = deps;
  const deadlineMs = clock.now() + timeoutMs;
  const { groups, failed } = await openEachGroup(plan, deps);
  const all = groups.length + failed.length;
  if (groups.length === 0) throw incomplete(failed, all);
  const complete: TemplateGroup[] = [];
  const folders = prefixesOf(groups, deps.mounts);
  const { snapshot, unread } = await awaitSnapshots(folders, timeoutMs, deps, signal);
  const pools = new Views(plan, clock, log).of(snapshot);
  for (const group of groups) {
    const [mount] = lackedKeyspaces(group, [...unread.keys()], deps.mounts, pools);
    const fault = mount && unread.get(mount);
    if (fault) failed.push({ title: group.title, fault });
    else complete.push(group);
  }
  const needNames = complete.some(({ resolvesNames }) => resolvesNames);
  const resolved = needNames ? await resolveOnce(pools, deps, signal) : pools;
  const outcomes = new Map<TemplateGroup, Fault | undefined>();
  const passes = complete.map((group) => async (s: AbortSignal) => {
    const named = group.resolvesNames ? resolved : pools;
    const shaped = shapeOnce(named, plan.policies, group.proxy?.weighs === true);
    const pass = { group, pools: shaped, snapshot };
    outcomes.set(group, await applyUntil(deadlineMs, pass, plan, deps, s));
  });
  await runAll(signal, ...passes);
  for (const group of complete) {
    const fault = outcomes.get(group);
    if (fault) failed.push({ title: group.title, fault });
  }
  if (failed.length > 0) throw incomplete(failed, all);
}

type PassDeps = Pick<WatchDeps, "clock" | "random" | "log">;

interface Pass {
  readonly group: TemplateGroup;
  readonly pools: ReturnType<Views["of"]>;
  readonly snapshot: Snapshot;
}

/** Applies, and again until the deadline while the proxy does not answer. Returns the fault if the files are not done. */
async function applyUntil(
  deadlineMs: number,
  pass: Pass,
  { retry }: Pick<WatchPlan, "retry">,
  deps: PassDeps,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const { clock, random, log } = deps;
  const reporter = new FaultReports(pass.group.title, log, clock).reporter();
  for (let failures = 1; ; failures += 1) {
    const unfinished = await applyOnce(pass, deps, signal);
    if (!unfinished) {
      reporter.resolved();
      return undefined;
    }
    if (unfinished instanceof Fault) {
      const restMs = deadlineMs - clock.now();
      if (restMs <= 0 || !isTransient(unfinished)) return unfinished;
      const waitMs = Math.min(restMs, delayMs(failures, retry, random));
      reporter.report(unfinished, waitMs);
      await clock.sleep(waitMs, signal);
    } else {
      await clock.sleep(unfinished.waitMs, signal);
    }
  }
}

/** Undefined if the files are done, which includes those of a proxy that is not running. */
async function applyOnce(
  { group, pools, snapshot }: Pass,
  { clock, log }: PassDeps,
  signal: AbortSignal,
): Promise<Fault | { readonly waitMs: number } | undefined> {
  const startMs = clock.now();
  const searchMs = Number.POSITIVE_INFINITY;
  const isolated = await attempt(group, pools, { clock, log, searchMs, isUrgent: true }, signal);
  if (isolated instanceof Fault) {
    if (isolated.code !== "PROXY_NOT_RUNNING") return isolated;
    const targets = targetsOf(group);
    log.info("proxy_not_running", isolated.message, { targets });
    return undefined;
  }
  const { outcome } = isolated;
  if (outcome.kind === "deferred") return outcome;
  const { revision } = snapshot;
  logOutcome(group, outcome, { revision, tookMs: clock.now() - startMs }, log);
  return undefined;
}

/** Whether waiting helps without a change of a key, a template or a file. */
function isTransient({ code }: Fault): boolean {
  return code === "PROXY_UNREACHABLE" || code.endsWith("_RESOURCES_EXHAUSTED");
}

/** A failure that no retry mends is one of the configuration: exit code 2. */
function incomplete(failed: readonly Failed[], all: number): Fault {
  const reasons = failed.map(({ title, fault }) => {
    return all === 1 ? sentence(fault) : `${title}: ${sentence(fault)}`;
  });
  const fault = faults.AGENT_ONCE_INCOMPLETE({ reasons, all });
  const mayRetry = failed.some(({ fault }) => fault.retry);
  return mayRetry ? fault : new Fault(fault.code, false, fault.message);
}
