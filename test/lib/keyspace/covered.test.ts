import assert from "node:assert/strict";
import { test } from "node:test";
import { covered } from "../../../lib/keyspace/covered.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import type { Batch } from "../../../lib/model/entry.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** The batches of a watch of a store, one after the other, with the keys that they have. */
function watching(store: MemoryStore, prefixes: readonly string[], signal: AbortSignal) {
  const batches = covered(store.open()).watch(prefixes, signal)[Symbol.asyncIterator]();
  return async () => keysOf((await batches.next()).value as Batch);
}

function keysOf(batch: Batch): readonly string[] {
  if (batch.kind === "reset") return [...batch.entries.keys()];
  return [...batch.put.keys(), ...batch.gone.map((key) => `-${key}`)];
}

test("a watch of the root yields no entries of the program, and does not wake up for them", async (t) => {
  const store = new MemoryStore(new ManualClock());
  for (const key of ["/a", "/sidekick/watchers/w", "/sidekick", "/sidekick-2/x"])
    store.write(key, "1");
  const next = watching(store, [""], t.signal);
  assert.deepEqual(await next(), ["/a", "/sidekick-2/x"]);
  store.write("/sidekick/watchers/w", "2");
  store.remove("/sidekick/watchers/w", undefined);
  const changed = next();
  await new Promise(setImmediate);
  store.write("/b", "1");
  assert.deepEqual(await changed, ["/b"]);
});

test("the program's own entries can be asked for by name", async (t) => {
  const store = new MemoryStore(new ManualClock());
  for (const key of ["/a", "/sidekick/watchers/w", "/sidekick/owners/o"]) store.write(key, "1");
  const next = watching(store, ["", "/sidekick/watchers"], t.signal);
  assert.deepEqual(await next(), ["/a", "/sidekick/watchers/w"]);
});
