import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never, untilAborted } from "../../../../lib/base/signal.ts";
import { askServed, type Question } from "../../../../lib/keyspace/acks/ask.ts";
import { WatcherEntryPublisher } from "../../../../lib/keyspace/acks/publish.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import { readSnapshot } from "../../../../lib/keyspace/read-snapshot.ts";
import { asksFolder } from "../../../../lib/model/ask-entry.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually } from "../../../support/process.ts";
import { RecordingLog } from "../../../support/recording-log.ts";

const web = "/services/web/10.0.0.1:80";
const random = () => 0;

/** Watchers of /services with their entries kept in a store. */
async function scene(t: TestContext, names: readonly string[]) {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const watchers = names.map((name) => {
    const group = { prefixes: ["/services"] };
    const publisher = new WatcherEntryPublisher(name, [group]);
    const stopping = new AbortController();
    const reporter = { report: () => {}, resolved: () => {} };
    const deps = { clock, random, log: new RecordingLog(), reporter };
    const kept = untilAborted(stopping.signal, publisher.keep(store.open(), deps, stopping.signal));
    t.after(async () => {
      stopping.abort();
      await kept;
    });
    return {
      serves: (revision: string | undefined) =>
        publisher.verified(group, new Map(), (key) => (key === web ? revision : undefined)),
    };
  });
  await clock.advance(0);
  const ask = (question: Partial<Question> = {}) => {
    const whole = {
      id: "a",
      wanted: new Map([[web, "7"]]),
      minShare: 1,
      limitMs: 5000,
      ...question,
    };
    let done: Awaited<ReturnType<typeof askServed>> | undefined;
    const asked = askServed(store.open(), whole, { clock, random }, never);
    void asked.then((result) => {
      done = result;
    });
    return { done: () => done, asked };
  };
  return { clock, store, watchers, ask };
}

/** Lets everything happen that takes no time on the clock of the test, until it holds. */
async function becomes(what: string, clock: ManualClock, holds: () => boolean): Promise<void> {
  await eventually(what, async () => {
    await clock.advance(0);
    return holds();
  });
}

test("an instance is served once every watcher has verified its revision, or a later one", async (t) => {
  const { clock, store, watchers, ask } = await scene(t, ["a", "b"]);
  const [a, b] = watchers;
  a?.serves("7");
  b?.serves("6");
  const { done } = ask();
  await clock.advance(1000);
  assert.equal(done(), undefined);
  b?.serves("8");
  await becomes("it is served", clock, () => done() !== undefined);
  const [instance] = done()?.instances ?? [];
  assert.deepEqual(instance, { key: web, serving: 2, watchers: 2, missing: [], isServed: true });
  const asks = await readSnapshot(store.open(), [asksFolder], never);
  assert.equal(asks.size, 0, "the question is removed");
});

test("a share of the watchers is enough where that is asked for, and the others are named", async (t) => {
  const { clock, watchers, ask } = await scene(t, ["a", "b", "c"]);
  for (const watcher of watchers.slice(0, 2)) watcher.serves("7");
  const { done } = ask({ minShare: 0.6 });
  await becomes("two of three serve it", clock, () => done() !== undefined);
  assert.deepEqual(done()?.instances, [
    { key: web, serving: 2, watchers: 3, missing: ["c"], isServed: true },
  ]);
});

test("at the limit the watchers that do not serve it are named, and without watchers it is not served", async (t) => {
  const some = await scene(t, ["slow"]);
  const asked = some.ask();
  await becomes("the limit is over", some.clock, () => {
    void some.clock.advance(5000);
    return asked.done() !== undefined;
  });
  const [instance] = asked.done()?.instances ?? [];
  assert.deepEqual([instance?.isServed, instance?.missing], [false, ["slow"]]);

  const none = await scene(t, []);
  const unanswered = none.ask();
  await becomes("the limit is over", none.clock, () => {
    void none.clock.advance(5000);
    return unanswered.done() !== undefined;
  });
  assert.deepEqual(unanswered.done()?.instances, [
    { key: web, serving: 0, watchers: 0, missing: [], isServed: false },
  ]);
});
