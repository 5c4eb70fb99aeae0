import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { connect } from "../../lib/keyspace/zookeeper/connection.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import {
  following,
  isFault,
  keysOf,
  killAgainAndAgain,
  opened,
  opening,
  reading,
} from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";
import { endSessionsBelow } from "./zookeeper-sessions.ts";

const longMs = 60_000;

/** The suite's tests share a server, and have a folder of it each: it takes a second to start. */
const shared = startZookeeper({ after } as Pick<TestContext, "after">);
let folders = 0;

keyspaceConformance("zookeeper", async () => {
  const zookeeper = await shared;
  folders += 1;
  const folder = `/suite/${folders}`;
  return {
    open: async () => await opened(`${zookeeper.url}${folder}`),
    ttlMs: 3000,
    expireSessions: async () => await endSessionsBelow(folder, zookeeper),
  };
});

test("an outage ends the watch; the next one shows what changed meanwhile", async (t) => {
  const zookeeper = await startZookeeper(t);
  const [keyspace, writer] = [await opening(t, zookeeper.url), await opening(t, zookeeper.url)];
  const session = await writer.open(longMs, t.signal);
  for (const key of ["/web/a", "/web/b"]) await session.put(key, "1", t.signal);
  const cell = new Cell<Snapshot | undefined>(undefined);
  const outage = follow(keyspace, ["/web"], cell, () => {}, t.signal);
  outage.catch(() => {});
  await eventually("the entries are there", () => cell.value?.size === 2);
  const before = cell.value;
  await zookeeper.kill();
  await assert.rejects(outage, isFault("KEYSPACE_WATCH_ENDED"));
  assert.equal(cell.value, before);
  await assert.rejects(reading(keyspace, "/web").next(), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(keyspace.open(longMs, t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await zookeeper.restart();
  // The session may need one more attempt than a write waits for.
  await eventually("the session goes on", async () => {
    await session.remove("/web/b", t.signal);
    return true;
  });
  await session.put("/web/c", "1", t.signal);
  following(t, keyspace, "/web", cell);
  await eventually("the changes are seen", () => keysOf(cell) === "/web/a,/web/c");
  assert.equal(cell.value?.get("/web/a"), before?.get("/web/a"));
  await session.close();
  await eventually("all is gone", () => cell.value?.size === 0);
});

test("no change is lost while ZooKeeper is killed again and again", async (t) => {
  const zookeeper = await startZookeeper(t);
  await killAgainAndAgain(t, zookeeper);
});

test("a frozen ZooKeeper is noticed, and what it had goes on once it thaws", async (t) => {
  const zookeeper = await startZookeeper(t);
  const keyspace = await opening(t, zookeeper.url);
  const batches = reading(keyspace, "/web");
  await batches.next();
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  assert.equal((await batches.next()).value?.kind, "delta");
  process.kill(zookeeper.pid, "SIGSTOP");
  await assert.rejects(session.put("/web/b", "1", t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(keyspace.open(1000, t.signal), isFault("KEYSPACE_UNREACHABLE"));
  await assert.rejects(batches.next(), isFault("KEYSPACE_WATCH_ENDED"));
  process.kill(zookeeper.pid, "SIGCONT");
  await eventually("it goes on", async () => {
    await session.put("/web/c", "1", t.signal);
    return true;
  });
  await session.close();
});

test("a user's entries are for that user to change, and for all to see", async (t) => {
  const zookeeper = await shared;
  const url = (login: string) => `zk://${login}127.0.0.1:1,${zookeeper.endpoint}/login`;
  const users = ["app:secret@", "app:other@", ""];
  const [app, other, nobody] = await Promise.all(users.map((user) => opened(url(user))));
  assert.ok(app && other && nobody);
  for (const keyspace of [app, other, nobody]) t.after(() => keyspace[Symbol.asyncDispose]());
  assert.equal(app.url, url(""));
  // one of the two endpoints is no server: the next attempt goes to the other one
  const session = await eventually("a session", () => app.open(longMs, t.signal));
  await session.put("/web/a", "1", t.signal);
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, nobody, "/web", cell);
  await eventually("it is seen", () => keysOf(cell) === "/web/a");
  for (const keyspace of [other, nobody]) {
    const intruder = await eventually("a session", () => keyspace.open(longMs, t.signal));
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
  await eventually("it is gone", () => cell.value?.size === 0);
});

test("a password that is put right is used without a new session", async (t) => {
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
  await eventually("it is let in", () => session.put("/web/b", "1", t.signal));
  assert.ok(!session.expired.aborted);
  await session.close();
});

test("a persistent node is taken over, data and all", async (t) => {
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

test("keys that cannot be nodes are refused; the others are not touched by it", async (t) => {
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
