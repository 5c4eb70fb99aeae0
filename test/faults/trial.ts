import assert from "node:assert/strict";
import { eventually, hangMs, stretched } from "../support/process.ts";
import type { Cost } from "./agent.ts";
import type { Fault } from "./fault.ts";
import { equalSince, missingMs, untruths, usualLagMs } from "./judge.ts";
import type { Store } from "./store.ts";
import { type Scope, startWorld, told, type World } from "./world.ts";

/** What one fault came to. */
export interface Outcome {
  /** From the end of the fault until registry and file were what they should be, in milliseconds. */
  readonly recoveredMs: number;
  /** For how long a healthy instance was missing from the registry at most, from the end of the fault on. */
  readonly missingMs: number;
  /** The sessions of the agent's entries are those from before. */
  readonly kept: boolean;
  readonly watcher: Cost;
  readonly presence: Cost;
}

/** Makes a fault some times in one world, and judges each time. Rejects where a promise was broken. */
export async function tryFault(
  scope: Scope,
  kind: Store["kind"],
  fault: Fault,
  times: number,
): Promise<readonly Outcome[]> {
  const world = await startWorld(scope, kind, fault.setting);
  const outcomes: Outcome[] = [];
  try {
    while (outcomes.length < times) outcomes.push(await once(world, fault));
    mustNotGrow(outcomes.map(({ watcher }) => watcher));
    mustNotGrow(outcomes.map(({ presence }) => presence));
  } catch (error) {
    throw new Error(`${fault.name} (${kind}): ${String(error)}\n${told(world)}`, { cause: error });
  }
  await leave(world);
  return outcomes;
}

async function once(world: World, fault: Fault): Promise<Outcome> {
  const { recording, model, presence, watcher } = world;
  await fault.prepare?.(world);
  await world.rest(hangMs);
  recording.forget();
  const before = await owners(world);
  const healedMs = await fault.strike(world).then(() => performance.now());
  await world.rest(fault.withinMs);
  const sinceMs = equalSince(recording, model.wanted);
  assert.ok(sinceMs !== undefined);
  const lagMs = stretched(fault.lagMs ?? usualLagMs);
  assert.deepEqual(untruths(recording, model.lives, lagMs), []);
  const after = await owners(world);
  await fault.mend?.(world);
  return {
    recoveredMs: Math.max(0, sinceMs - healedMs),
    missingMs: Math.max(...world.steady.map(({ key }) => missingMs(recording, key, healedMs))),
    kept: before.every((owner) => after.includes(owner)),
    watcher: await watcher.cost(),
    presence: await presence.cost(),
  };
}

/** What one fault leaves in memory, or of open files, the next ones would add to. */
function mustNotGrow(costs: readonly Cost[]): void {
  const [first, last] = [costs[0], costs.at(-1)];
  if (!first || !last) return;
  const grown = `${JSON.stringify(first)} became ${JSON.stringify(last)}`;
  assert.ok(last.rssMb < first.rssMb + 20 && last.files < first.files + 8, grown);
}

/** The sessions of the instances that are well all the time. */
async function owners({ store, steady }: World): Promise<readonly (string | undefined)[]> {
  const { entries } = await eventually("the registry is read", () => store.read("/services"));
  return [...new Set(steady.map(({ key }) => entries.get(key)?.owner))];
}

/** The agent leaves: nothing of it is left over. */
async function leave({ store, presence, watcher, model }: World): Promise<void> {
  await presence.signal("SIGTERM");
  await watcher.signal("SIGTERM");
  await eventually("only what others wrote is left", async () => {
    const { entries } = await store.read("/services");
    return (
      entries.size === model.others.size &&
      [...model.others.keys()].every((key) => entries.has(key))
    );
  });
  await eventually("no session is left", async () => (await store.sessions()).length === 0);
}
