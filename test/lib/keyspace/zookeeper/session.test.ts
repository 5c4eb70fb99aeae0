import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import type { Connection } from "../../../../lib/keyspace/zookeeper/connection.ts";
import { ZookeeperSession } from "../../../../lib/keyspace/zookeeper/session.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

/** A session with puts that end when the test resolves them; `begun` has the keys of all puts that have started. */
function scene(t: TestContext) {
  const clock = new ManualClock();
  const begun: string[] = [];
  const answers = new Map<string, PromiseWithResolvers<void>>();
  const connection = {
    session: { ttlMs: 10_000 },
    ended: never,
    drop: () => {},
    closeSession: async () => {},
  };
  const session = new ZookeeperSession(connection as unknown as Connection, {
    url: "zk://here",
    clock,
    onClosed: () => {},
    readLogin: async () => undefined,
    dial: async () => assert.fail("it is connected already"),
    writer: {
      async put(_, { key }) {
        begun.push(key);
        const answer = Promise.withResolvers<void>();
        answers.set(key, answer);
        await answer.promise;
        return key;
      },
      remove: async () => {},
      removePersistent: async () => {},
    },
  });
  t.after(() => session.close());
  return { clock, session, begun, answers };
}

test("the first put in a folder runs ahead of the others, once", async (t) => {
  const { clock, session, begun, answers } = scene(t);
  const puts = ["/a/1", "/a/2", "/b/1", "/a/3"].map((key) => session.put(key, "", t.signal));
  await clock.advance(0);
  assert.deepEqual(begun, ["/a/1", "/b/1"]);
  answers.get("/a/1")?.resolve();
  await clock.advance(0);
  assert.deepEqual(begun, ["/a/1", "/b/1", "/a/2", "/a/3"]);
  for (const { resolve } of answers.values()) resolve();
  assert.deepEqual(await Promise.all(puts), ["/a/1", "/a/2", "/b/1", "/a/3"]);
  const [one, other] = ["/a/4", "/a/5"].map((key) => session.put(key, "", t.signal));
  await clock.advance(0);
  assert.deepEqual(begun.slice(4), ["/a/4", "/a/5"]);
  for (const { resolve } of answers.values()) resolve();
  await Promise.all([one, other]);
});

test("when the first put fails, the others continue", async (t) => {
  const { clock, session, answers } = scene(t);
  const first = assert.rejects(session.put("/a/1", "", t.signal), new TypeError("a bug"));
  const other = session.put("/a/2", "", t.signal);
  await clock.advance(0);
  answers.get("/a/1")?.reject(new TypeError("a bug"));
  await first;
  await clock.advance(0);
  answers.get("/a/2")?.resolve();
  assert.equal(await other, "/a/2");
});

test("a put that waits for the first one has the same time limit", async (t) => {
  const { clock, session } = scene(t);
  const puts = ["/a/1", "/a/2"].map((key) => session.put(key, "", t.signal));
  const failing = puts.map((put) => assert.rejects(put, { code: "KEYSPACE_UNREACHABLE" }));
  await clock.advance(4000);
  await Promise.all(failing);
});
