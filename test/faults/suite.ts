import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { faultsOf } from "./all.ts";
import type { Fault } from "./fault.ts";
import type { Store } from "./store.ts";
import { tryFault } from "./trial.ts";

/** The number of concurrent faults. They mostly wait: 32 of them need 100 s of CPU, and take 570 s one after the other. */
const concurrency = 5;

/**
 * The rounds of an overload: 4000 changes. A frozen watcher of etcd takes 64 KiB, the window of its stream, which are about 650
 * changes, and etcd keeps 1024 responses for it; what it does with the others does not depend on their number.
 */
const overloadRounds = 20;

/** Injects each fault once. docs/recovery.md has the times of many trials. */
export function faultSuite(kind: Store["kind"]): void {
  describe(`${kind}: after a fault the file shows the state of the keyspace again`, {
    concurrency,
  }, () => {
    for (const fault of longestFirst(
      faultsOf(kind, overloadRounds).filter(({ disturbing }) => !disturbing),
    )) {
      test(fault.name, async (t) => {
        const [outcome] = await tryFault(t, kind, fault, 1);
        assert.ok(outcome);
        if (fault.entries) assert.equal(outcome.kept ? "kept" : "registered again", fault.entries);
        const { recoveredMs, missingMs } = outcome;
        t.diagnostic(
          `recovered after ${Math.round(recoveredMs)} ms, missing for ${Math.round(missingMs)} ms`,
        );
      });
    }
  });
}

/** Begins with the faults that take the longest, so that none of them is tried alone at the end. */
function longestFirst(faults: readonly Fault[]): readonly Fault[] {
  return faults.toSorted((a, b) => Number(b.isLong ?? false) - Number(a.isLong ?? false));
}
