import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { createConsulKeyspace } from "../../lib/keyspace/consul/keyspace.ts";
import { parseKeyspaceUrl } from "../../lib/keyspace/url.ts";
import type { Entries } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type ConsulStandIn, startConsul } from "../stand-in/consul.ts";
import { atEnd, eventually } from "../support/process.ts";
import { oneOf, seeded } from "../support/random.ts";
import { following, isFault, opening, publishing, same } from "./keyspace.ts";

const seed = 20_261_127;

function keyspaceAt(t: TestContext, url: string) {
  const location = parseKeyspaceUrl(url);
  assert.ok(location.kind === "consul");
  const deps = { clock: systemClock, random: Math.random, minTtlMs: 1000, waitMs: 1000 };
  const keyspace = createConsulKeyspace({ url, location, access: {} }, deps);
  atEnd(t, () => keyspace[Symbol.asyncDispose]());
  return keyspace;
}

/** Faults of a server and of its state. */
const faults: Readonly<Record<string, (standIn: ConsulStandIn) => Promise<void>>> = {
  restart: async (standIn) => {
    await standIn.stop();
    await standIn.restart();
  },
  "leader lost": async ({ consul }) => {
    consul.loseLeader();
    await delay(30);
    consul.electLeader();
  },
  "sessions lost": async ({ consul }) => consul.sessions.destroyAll(),
  "snapshot restored": async ({ consul }) => {
    const snapshot = consul.save();
    for (const value of ["stray", "stray again"]) {
      consul.keys.set({ key: "services/web/stray", value: Buffer.from(value) });
      consul.indexes.wake();
    }
    // What is written meanwhile is lost.
    await delay(20);
    consul.restore(snapshot);
  },
  "tombstones reaped": async ({ consul }) => consul.keys.reapTombstones(),
};

test("nothing is lost and nothing is invented by restarts, lost leaders and sessions, and indexes that go back", async (t) => {
  const random = seeded(seed);
  const standIn = await startConsul(t, { minTtlMs: 1000, random });
  const url = `consul://${standIn.address}`;
  const [writer, reader] = [keyspaceAt(t, url), keyspaceAt(t, url)];
  const [seen, cell] = [0, 1].map(() => new Cell<Snapshot | undefined>(undefined));
  const desired = new Cell<Entries>(new Map());
  assert.ok(seen && cell);
  following(t, writer, "/services", seen);
  following(t, reader, "/services", cell);
  publishing(t, writer, desired, 1000, seen);
  const written = new Set(["stray", "stray again"]);
  const watchForInvented = () => {
    for (const { key, value } of (cell.value?.chunks ?? []).flat())
      assert.ok(written.has(value), `${key} is ${value}, which was never written`);
  };
  for (let round = 1; round <= 10; round += 1) {
    const next = new Map(desired.value);
    for (let i = 0; i < 5; i += 1) {
      const key = `/services/web/${Math.floor(random() * 20)}`;
      const value = `${round}.${i}`;
      written.add(value);
      if (random() < 0.3) next.delete(key);
      else next.set(key, value);
    }
    const before = cell.value?.size ?? 0;
    desired.set(next);
    const name = oneOf(Object.keys(faults), random);
    await faults[name]?.(standIn);
    watchForInvented();
    await eventually(`round ${round}, ${name}: the reader has what is desired`, () => {
      watchForInvented();
      if (name === "restart" || name === "leader lost")
        assert.ok(
          before === 0 || (cell.value?.size ?? 0) > 0,
          "a failure looks like an empty store",
        );
      return same(cell.value, desired.value);
    });
  }
});

test("a token that loses its permission keeps the entries, and is named", async (t) => {
  const { consul, address } = await startConsul(t);
  const reads = { reads: ["web/"], writes: [], services: [] };
  consul.acl.tokens.set("reader", reads);
  for (const key of ["web/a", "web/b"]) consul.keys.set({ key, value: Buffer.from("1") });
  const keyspace = await opening(t, { url: `consul://${address}`, token: "reader" });
  const batches = keyspace.watch(["/web"], t.signal)[Symbol.asyncIterator]();
  const first = await batches.next();
  assert.equal(first.value.entries.size, 2);
  consul.acl.tokens.set("reader", { ...reads, reads: ["web/a"] });
  consul.keys.set({ key: "web/b", value: Buffer.from("2") });
  consul.indexes.wake();
  await assert.rejects(batches.next(), (error) => {
    assert.match(String(error), /permission denied: cannot read all of \/web/);
    return isFault("KEYSPACE_PERMISSION_DENIED")(error);
  });
  const writing = (await opening(t, { url: `consul://${address}`, token: "reader" })).open(
    1,
    t.signal,
  );
  const session = await writing;
  assert.equal(session.ttlMs, 10_000);
  await assert.rejects(
    session.put("/other/a", "1", t.signal),
    isFault("KEYSPACE_PERMISSION_DENIED"),
  );
  await session.close();
});

test("values of more than 512 kB, and keys that a session with a lock delay held, are refused with the reason", async (t) => {
  const { consul, address } = await startConsul(t);
  const session = await (await opening(t, `consul://${address}`)).open(10_000, t.signal);
  const refused = (pattern: RegExp) => (error: unknown) => {
    assert.match(String((error as Error).cause), pattern);
    return isFault("KEYSPACE_REFUSED")(error);
  };
  const long = "x".repeat(512 * 1024 + 1);
  await assert.rejects(session.put("/web/a", long, t.signal), refused(/max size: 524288 bytes/));
  const other = consul.sessions.create({ TTL: "10s", LockDelay: "15s" }, "node-1");
  consul.keys.lock({ key: "web/b", value: Buffer.from("1") }, other.ID);
  consul.sessions.destroy(other.ID);
  await assert.rejects(session.put("/web/b", "1", t.signal), refused(/with a lock delay/));
  await session.put("/web/c", "1", t.signal, { form: { isPersistent: true } });
  assert.equal(consul.keys.get("web/c")?.Session, undefined);
  await session.close();
  assert.equal(consul.keys.get("web/c"), undefined);
});
