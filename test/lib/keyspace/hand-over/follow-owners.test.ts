import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import type { Clock } from "../../../../lib/base/clock.ts";
import { never, untilAborted } from "../../../../lib/base/signal.ts";
import type { OwnerStates } from "../../../../lib/keyspace/conflicts.ts";
import { followOwners } from "../../../../lib/keyspace/hand-over/follow-owners.ts";
import type { HeldEntries } from "../../../../lib/keyspace/hand-over/owner-watch.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import { encodeOwner, ownerKeyOf } from "../../../../lib/model/hand-over-entry.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { RecordingLog } from "../../../support/recording-log.ts";

/** A clock on which time passes between two looks at it, and sleeps end 0.3 ms early, as timers of Node.js may. */
class TickingClock implements Clock {
  readonly #clock: ManualClock;
  #passedMs = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  now(): number {
    this.#passedMs += 0.2;
    return this.#clock.now() + this.#passedMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(Math.max(0, ms - 0.3), signal);
  }
}

test("an owner that answered and then ends is found, also if timers fire early", async (t) => {
  const manual = new ManualClock();
  const store = new MemoryStore(manual);
  const [keyspace, other] = [store.open(), store.open()];
  const ttlMs = 9000;
  const [session, owner] = [await keyspace.open(ttlMs, never), await other.open(ttlMs, never)];
  const held = new Cell<HeldEntries>({
    owners: new Map([["/services/web/a", owner.id]]),
    takenBy: new Set(),
  });
  const owners = new Cell<OwnerStates>(new Map());
  const stopping = new AbortController();
  const clock = new TickingClock(manual);
  const deps = {
    clock,
    random: () => 0,
    log: new RecordingLog(),
    onNews: () => {},
    onDenied: () => {},
  };
  const following = untilAborted(
    stopping.signal,
    followOwners(keyspace, session, { held, owners }, deps, stopping.signal),
  );
  t.after(async () => {
    stopping.abort();
    await following;
  });
  const stateAfter = async (ms: number) => {
    for (let i = 0; i < ms; i += 100) await manual.advance(100);
    return owners.value.get(owner.id);
  };
  const answered = { session: session.id, ask: 1 };
  await owner.put(
    ownerKeyOf(owner.id),
    encodeOwner({ session: owner.id, answered, isLeaving: false }),
    never,
  );
  assert.equal(await stateAfter(100), "alive");
  // The next question is due after a third of the TTL, and its answer after a fifth of it.
  assert.equal(await stateAfter(6000), "yields");
});
