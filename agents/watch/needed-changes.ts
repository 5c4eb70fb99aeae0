import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { pools as poolsOf } from "../../lib/view/pools.ts";
import { visibleServices } from "../../lib/view/visible.ts";
import type { Texts } from "./ahead.ts";
import type { TemplateGroup } from "./groups.ts";

/** Texts, and the services that they were rendered from. */
export interface RenderedState {
  readonly pools: Pools;
  readonly texts: Texts;
}

/** Of more keys than that all count as needed, and so they do after so many milliseconds. */
const [mostKeys, mostMs] = [20, 50];

/**
 * Those of the changed keys without which the texts would be other ones: rendered again with each of them as it was before, or
 * with each of them alone as it is now. All of them where that cannot be found out, or would take long.
 */
export async function neededChanges(
  group: TemplateGroup,
  keys: readonly string[],
  { before, after }: { readonly before: RenderedState; readonly after: RenderedState },
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isRepeatable = group.files.every(({ source }) => source.isRepeatable);
  if (keys.length < 2 || keys.length > mostKeys || !isRepeatable) return keys;
  const gives = async (
    from: RenderedState,
    snapshot: Snapshot,
    some: readonly string[],
    texts: Texts,
  ) => {
    return await rendersTo(texts, group, mixed(from.pools, snapshot, some), signal);
  };
  const endMs = clock.now() + mostMs;
  const needed: string[] = [];
  for (const key of keys) {
    if (clock.now() >= endMs) return keys;
    const isNeeded =
      !(await gives(after, before.pools.snapshot, [key], after.texts)) ||
      !(await gives(before, after.pools.snapshot, [key], before.texts));
    if (isNeeded) needed.push(key);
  }
  // Two changes may only matter together.
  const isComplete = await gives(after, before.pools.snapshot, needed, before.texts);
  return isComplete ? needed : keys;
}

/** The services with some keys as another snapshot has them. */
function mixed(pools: Pools, other: Snapshot, keys: readonly string[]): Pools {
  const { snapshot } = pools;
  const put = new Map(keys.flatMap((key) => other.get(key) ?? []).map((one) => [one.key, one]));
  const gone = keys.filter((key) => !put.has(key));
  const { revision } = snapshot;
  return poolsOf(pools, snapshot.after({ kind: "delta", revision, put, gone }));
}

async function rendersTo(
  texts: Texts,
  group: TemplateGroup,
  pools: Pools,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for (const { plan, source } of group.files) {
      const view = { snapshot: pools.snapshot, services: visibleServices(pools, plan.prefixes) };
      if ((await source.tryOut(view, signal)) !== texts.get(plan.target.path)) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
