import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import type { ListTurns } from "../../lib/keyspace/list-turns.ts";
import { connect } from "../../lib/keyspace/zookeeper/connection.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { eventually, freeze, throwAwayFolder } from "../support/process.ts";
import {
  assertNoChangeLost,
  following,
  isFault,
  keysOf,
  opened,
  opening,
  reading,
} from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";
import { endSessionsBelow, writePersistent } from "./zookeeper-sessions.ts";

const longMs = 60_000;

/** The tests of the suite share a server, which takes a second to start, and use a folder each. */
const shared = startZookeeper({ after } as Pick<TestContext, "after">);
let folders = 0;

keyspaceConformance("zookeeper", async () => {
  const zookeeper = await shared;
  folders += 1;
  const folder = `/suite/${folders}`;
  return {
    open: async () => await opened(`${zookeeper.url}${folder}`),
    ttlMs: 3000,
    writeWithoutSession: (key, value) => writePersistent(zookeeper, `${folder}${key}`, value),
    expireSessions: async () => await endSessionsBelow(folder, zookeeper),
  };
});

test("an outage ends the watch; the next watch shows the changes during the outage", async (t) => {
  const zookeeper = await startZookeeper(t);
  const [keyspace, writer] = [await opening(t, zookeeper.url), await opening(t, zookeeper.url)];
  const session = await writer.open(longMs, t.signal);
  for (const key of ["/web/a", "/web/b"]) await session.put(key, "1", t.signal);
  const cell = new Cell<Snapshot | undefined>(undefined);
  const outage = follow(keyspace, ["/web"], cell, () => {}, t.signal);
  outage.catch(() => {});
  await eventually("the entries are observed", () => cell.value?.size === 2);
  const before = cell.value;
  await zookeeper.kill();
  await assert.rejects(outage, isFault("KEYSPACE_WATCH_ENDED"));
  assert.equal(cell.value, before);
  await assert.rejects(reading(keyspace, "/web").next(), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(keyspace.open(longMs, t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await zookeeper.restart();
  // A write may time out before the session has reconnected.
  await eventually("the session writes again", async () => {
    await session.remove("/web/b", t.signal);
    return true;
  });
  await session.put("/web/c", "1", t.signal);
  following(t, keyspace, "/web", cell);
  await eventually("the changes are observed", () => keysOf(cell) === "/web/a,/web/c");
  assert.equal(cell.value?.get("/web/a"), before?.get("/web/a"));
  await session.close();
  await eventually("all entries are gone", () => cell.value?.size === 0);
});

test("a watch after an outage waits for its turn to list; the first one does not", async (t) => {
  const zookeeper = await startZookeeper(t);
  const keyspace = await opening(t, zookeeper.url);
  const session = await keyspace.open(longMs, t.signal);
  for (const key of ["/web/a", "/sidekick/watchers/1", "/sidekick/watchers/2"]) {
    await session.put(key, "1", t.signal);
  }
  const cell = new Cell<Snapshot | undefined>(undefined);
  const asked: unknown[] = [];
  const turns: ListTurns = {
    wait: async ({ size, countWatchers }, signal) => {
      assert.ok(size.bytes > 100 && size.bytes < 1000);
      asked.push([size.entries, await countWatchers(signal)]);
    },
  };
  const outage = follow(keyspace, ["/web"], cell, () => {}, t.signal, turns);
  outage.catch(() => {});
  await eventually("the entries are observed", () => cell.value?.size === 1);
  await session.put("/web/b", "1", t.signal);
  await eventually("the change is observed", () => cell.value?.size === 2);
  assert.deepEqual(asked, []);
  await zookeeper.kill();
  await assert.rejects(outage, isFault("KEYSPACE_WATCH_ENDED"));
  await zookeeper.restart();
  following(t, keyspace, "/web", cell, turns);
  const before = cell.version;
  await eventually("the entries are listed", () => cell.version > before);
  assert.deepEqual(asked.at(-1), [2, 2]);
});

test("a session has the TTL that is within the limits of the server", async (t) => {
  const keyspace = await opening(t, (await shared).url);
  for (const [requestedMs, grantedMs] of [
    [100, 500],
    [10_000, 10_000],
    [600_000, 120_000],
  ] as const) {
    const session = await keyspace.open(requestedMs, t.signal);
    assert.equal(session.ttlMs, grantedMs);
    await session.close();
  }
});

test("no change is lost while ZooKeeper is killed repeatedly", async (t) => {
  const zookeeper = await startZookeeper(t);
  await assertNoChangeLost(t, zookeeper);
});

test("a frozen ZooKeeper is detected, and the session continues when it runs again", async (t) => {
  const zookeeper = await startZookeeper(t);
  const keyspace = await opening(t, zookeeper.url);
  const batches = reading(keyspace, "/web");
  await batches.next();
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  assert.equal((await batches.next()).value?.kind, "delta");
  await freeze(zookeeper.pid);
  await assert.rejects(session.put("/web/b", "1", t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(keyspace.open(1000, t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(batches.next(), isFault("KEYSPACE_WATCH_ENDED"));
  process.kill(zookeeper.pid, "SIGCONT");
  await eventually("the session writes again", async () => {
    await session.put("/web/c", "1", t.signal);
    return true;
  });
  await session.close();
});

test("only the user of an entry may change it, and every user may read it", async (t) => {
  const zookeeper = await shared;
  const url = (user: string) => `zk://${user}127.0.0.1:1,${zookeeper.endpoint}/login`;
  const users = ["app:secret@", "app:other@", ""];
  const [app, other, anonymous] = await Promise.all(users.map((user) => opened(url(user))));
  assert.ok(app && other && anonymous);
  for (const keyspace of [app, other, anonymous]) t.after(() => keyspace[Symbol.asyncDispose]());
  assert.equal(app.url, url(""));
  // No server listens at one of the two endpoints: the next attempt uses the other one.
  const session = await eventually("a session is opened", () => app.open(longMs, t.signal));
  await session.put("/web/a", "1", t.signal);
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, anonymous, "/web", cell);
  await eventually("the entry is observed", () => keysOf(cell) === "/web/a");
  for (const keyspace of [other, anonymous]) {
    const intruder = await eventually("a session is opened", () => keyspace.open(longMs, t.signal));
    await assert.rejects(
      intruder.put("/web/a", "2", t.signal),
      isFault("KEYSPACE_PERMISSION_DENIED"),
    );
    await assert.rejects(
      intruder.put("/web/b", "2", t.signal),
      isFault("KEYSPACE_PERMISSION_DENIED"),
    );
    await intruder.close();
  }
  await session.close();
  await eventually("the entry is gone", () => cell.value?.size === 0);
});

test("a corrected password is used without a new session", async (t) => {
  const { url, endpoint } = await shared;
  const passwordFile = join(await throwAwayFolder(t), "password");
  await writeFile(passwordFile, "right");
  const owner = await opened({ url: `${url}/password`, user: "app", passwordFile });
  t.after(() => owner[Symbol.asyncDispose]());
  const before = await owner.open(longMs, t.signal);
  await before.put("/web/a", "1", t.signal);
  await before.close();
  await writeFile(passwordFile, "wrong");
  const keyspace = await opened({ url: `zk://${endpoint}/password`, user: "app", passwordFile });
  t.after(() => keyspace[Symbol.asyncDispose]());
  const session = await keyspace.open(longMs, t.signal);
  await assert.rejects(session.put("/web/b", "1", t.signal), isFault("KEYSPACE_PERMISSION_DENIED"));
  await writeFile(passwordFile, "right");
  await eventually("the write is permitted", () => session.put("/web/b", "1", t.signal));
  assert.ok(!session.expired.aborted);
  await session.close();
});

test("a persistent node is taken over with its data", async (t) => {
  const { url, endpoint } = await shared;
  const [host = "", port] = endpoint.split(":");
  const connecting = { host, port: Number(port), sessionMs: longMs, limitMs: longMs };
  const hand = await connect(connecting, systemClock, t.signal);
  for (const path of ["/hand", "/hand/web", "/hand/web/a"]) await hand.createFolder(path);
  await hand.setData("/hand/web/a", Buffer.from("by hand"), 0);
  const keyspace = await opened(`${url}/hand`);
  t.after(() => keyspace[Symbol.asyncDispose]());
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "ours", t.signal);
  assert.equal((await hand.read("/hand/web/a")).value, "ours");
  await session.close();
  assert.equal(await hand.stat("/hand/web/a"), undefined);
  await hand.closeSession();
});

test("keys that cannot be nodes are rejected; other keys are not affected", async (t) => {
  const keyspace = await opened(`${(await shared).url}/odd`);
  t.after(() => keyspace[Symbol.asyncDispose]());
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  const code = (name: string) => ({ code: `KEYSPACE_ZOOKEEPER_${name}` });
  await assert.rejects(session.put("/web", "1", t.signal), code("CONFLICT"));
  await assert.rejects(session.put("/web/a/b", "1", t.signal), code("CONFLICT"));
  await assert.rejects(session.put("/web/../b", "1", t.signal), code("KEY_INVALID"));
  await assert.rejects(
    session.put("/web/big", "x".repeat(1_100_000), t.signal),
    code("KEY_INVALID"),
  );
  await session.put("/web/b", "1", t.signal);
  await session.close();
});
