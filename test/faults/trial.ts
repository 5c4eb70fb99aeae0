import assert from "node:assert/strict";
import { eventually, hangMs, stretched } from "../support/process.ts";
import type { Cost } from "./agent.ts";
import type { Fault } from "./fault.ts";
import { equalSince, missingMs, usualLagMs, violations } from "./judge.ts";
import type { Store } from "./store.ts";
import { describe, type Scope, startWorld, type World } from "./world.ts";

/** The outcome of one trial. */
export interface Outcome {
  /** From the end of the fault until keyspace and file were in the expected state, in milliseconds. */
  readonly recoveredMs: number;
  /** The longest time that a healthy instance was missing from the keyspace after the end of the fault. */
  readonly missingMs: number;
  /** Whether the entries of the agent kept their sessions. */
  readonly kept: boolean;
  readonly watcher: Cost;
  readonly presence: Cost;
}

/** Injects a fault several times in one world and judges each trial. Rejects if a guarantee was violated. */
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
    assertNoLeak(outcomes.map(({ watcher }) => watcher));
    assertNoLeak(outcomes.map(({ presence }) => presence));
  } catch (error) {
    throw new Error(`${fault.name} (${kind}): ${String(error)}\n${describe(world)}`, {
      cause: error,
    });
  }
  await shutDown(world);
  return outcomes;
}

async function once(world: World, fault: Fault): Promise<Outcome> {
  const { recording, model, presence, watcher } = world;
  await fault.prepare?.(world);
  await world.rest(hangMs);
  recording.clear();
  const before = await owners(world);
  const endedMs = await fault.inject(world).then(() => performance.now());
  await world.rest(fault.withinMs);
  const sinceMs = equalSince(recording, model.desired);
  assert.ok(sinceMs !== undefined);
  const lagMs = stretched(fault.lagMs ?? usualLagMs);
  assert.deepEqual(violations(recording, model.lifetimes, lagMs), []);
  const after = await owners(world);
  await fault.repair?.(world);
  return {
    recoveredMs: Math.max(0, sinceMs - endedMs),
    missingMs: Math.max(...world.stable.map(({ key }) => missingMs(recording, key, endedMs))),
    kept: before.every((owner) => after.includes(owner)),
    watcher: await watcher.cost(),
    presence: await presence.cost(),
  };
}

/** Fails if memory or open files of an agent grew from the first to the last trial. */
function assertNoLeak(costs: readonly Cost[]): void {
  const [first, last] = [costs[0], costs.at(-1)];
  if (!first || !last) return;
  const grown = `${JSON.stringify(first)} became ${JSON.stringify(last)}`;
  assert.ok(last.rssMb < first.rssMb + 20 && last.files < first.files + 8, grown);
}

/** The sessions of the stable instances. */
async function owners({ store, stable }: World): Promise<readonly (string | undefined)[]> {
  const { entries } = await eventually("the keyspace is read", () => store.read("/services"));
  return [...new Set(stable.map(({ key }) => entries.get(key)?.owner))];
}

/** Stops the agents. Fails if they leave entries or sessions behind. */
async function shutDown({ store, presence, watcher, model }: World): Promise<void> {
  await presence.signal("SIGTERM");
  await watcher.signal("SIGTERM");
  await eventually("only entries of other clients are left", async () => {
    const { entries } = await store.read("/services");
    return (
      entries.size === model.others.size &&
      [...model.others.keys()].every((key) => entries.has(key))
    );
  });
  await eventually("no session is left", async () => (await store.sessions()).length === 0);
}
