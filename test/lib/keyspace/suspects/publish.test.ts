import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import { runAll, untilAborted } from "../../../../lib/base/signal.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import { followSuspects } from "../../../../lib/keyspace/suspects/follow.ts";
import { publishSuspects } from "../../../../lib/keyspace/suspects/publish.ts";
import type { Suspects, WatcherSuspects } from "../../../../lib/model/suspects-entry.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually } from "../../../support/process.ts";

const web = "/services/web/10.0.0.1:80";

/** A watcher that publishes suspects, and an agent that follows them. */
function scene(t: TestContext) {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const suspects = new Cell<Suspects>(new Map());
  const reports = new Cell<readonly WatcherSuspects[]>([]);
  const stopping = new AbortController();
  const deps = { clock, random: () => 0, onFault: () => {} };
  const running = runAll(
    stopping.signal,
    (s) => publishSuspects(store.open(), "edge", suspects, deps, s),
    (s) => followSuspects(store.open(), reports, deps, s),
  );
  t.after(async () => {
    stopping.abort();
    await untilAborted(stopping.signal, running);
  });
  const words = () =>
    reports.value
      .flatMap(({ watcher, suspects: all }) =>
        Array.from(all, ([key, { suspicion, why }]) => `${watcher} ${key} ${suspicion} ${why}`),
      )
      .join("\n");
  /** Lets everything happen that takes no time on the clock of the test, until it is read. */
  const reads = (text: string) =>
    eventually(`reads ${text}`, async () => {
      await clock.advance(0);
      return words().trim() === text;
    });
  const suspect = (why: string) =>
    suspects.set(new Map([[web, { suspicion: "excluded", why } as const]]));
  return { clock, suspects, reports, reads, suspect };
}

test("a watcher has an entry while its proxies fail, and writes it at most every five seconds", async (t) => {
  const { clock, suspects, reports, reads, suspect } = scene(t);
  await clock.advance(60_000);
  assert.equal(reports.version, 0);

  suspect("its check cannot connect (L4CON)");
  await reads(`edge ${web} excluded its check cannot connect (L4CON)`);

  suspect("its check cannot connect in time (L4TOUT)");
  await clock.advance(4000);
  await reads(`edge ${web} excluded its check cannot connect (L4CON)`);
  await clock.advance(1000);
  await reads(`edge ${web} excluded its check cannot connect in time (L4TOUT)`);

  suspects.set(new Map());
  await clock.advance(5000);
  await reads("");
  suspect("");
  await reads(`edge ${web} excluded`);
});
