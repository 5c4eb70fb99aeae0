import { Bisection } from "../../lib/view/bisect.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { without } from "../../lib/view/without.ts";
import type { Outcome } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";
import { type AttemptDeps, tryToApply, validateAll } from "./judge.ts";
import { namedInstances } from "./judgement.ts";
import { logQuarantine } from "./quarantine-log.ts";

/** How long quarantined entries are tried again, in milliseconds: the others that are due have to wait for their next turn. */
const retryMs = 500;

export interface RetryDeps extends AttemptDeps {
  /** Whether there is something else to do, so that quarantined entries are not tried again now. */
  readonly isBusy?: () => boolean;
}

/**
 * Tries quarantined entries again that are due, all at once and then in ever smaller parts, beside the others that are
 * served already. Releases those that the check command accepts. Ends early if there is something else to do. Returns the
 * outcome if any are applied.
 */
export async function retryDue(
  group: TemplateGroup,
  pools: Pools,
  deps: RetryDeps,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { quarantine } = group;
  const { clock, log, isBusy = () => false } = deps;
  const { due } = quarantine;
  if (due.length === 0 || isBusy()) return undefined;
  const held = quarantine.in(pools.snapshot);
  const releasing = (keys: ReadonlySet<string>) => without(pools, held.difference(keys));
  const bisection = new Bisection(due);
  const startMs = clock.now();
  for (;;) {
    const { probe } = bisection;
    if (!probe) break;
    const keys = bisection.accepted.union(new Set(probe));
    const judgement = await validateAll(group, releasing(keys), deps, signal);
    if (judgement) {
      const named = namedInstances(judgement, pools);
      bisection.reject({ named, why: judgement.fault.message });
    } else {
      bisection.accept();
    }
    if (isBusy() || clock.now() - startMs >= retryMs) break;
  }
  bisection.settle();
  const isBad = new Set(bisection.culprits.map(({ item }) => item));
  quarantine.postpone(bisection.undecided);
  again(isBad);
  const { accepted } = bisection;
  if (accepted.size === 0) return undefined;
  const result = await tryToApply(group, releasing(accepted), deps, signal);
  if ("kind" in result) {
    if (result.kind !== "deferred") logQuarantine(quarantine.release(accepted), log);
    return result;
  }
  // The proxy rejects what the check command accepts.
  again(accepted);
  await tryToApply(group, releasing(new Set()), deps, signal);
  return undefined;

  /** Quarantines entries for longer. */
  function again(keys: ReadonlySet<string>): void {
    const entries = [...keys].flatMap((key) => pools.snapshot.get(key) ?? []);
    quarantine.add(entries.map((item) => ({ item, why: "" })));
  }
}
