import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Fault } from "../../lib/base/fault.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { inParallel } from "../support/in-parallel.ts";
import { eventually } from "../support/process.ts";
import { type Fixture, longMs, opened, opening } from "./keyspace-fixture.ts";
import { ownershipConformance } from "./keyspace-ownership.ts";
import { valuesSeen, type Watching, watching } from "./keyspace-watching.ts";

export type { Fixture };

/** Makes the fixture of a test; called once for each test. */
export type MakeFixture = (t: TestContext) => Promise<Fixture>;

/** Tests the promises of `lib/keyspace/contract.ts` on one kind. */
export function keyspaceConformance(name: string, make: MakeFixture): void {
  keyspacePromises(name, make);
  keyspaceLoad(name, make);
}

/** The promises that take thousands of keys to test. */
export function keyspaceLoad(name: string, make: MakeFixture): void {
  const its = testsOf(name, make);

  its("5 100 keys are one reset, and 2 000 changes all arrive", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const expected = numbered("/many", 5100);
    const put = ([key, value]: readonly [string, string]) => session.put(key, value, t.signal);
    await inParallel([...expected], 64, put);
    const observed = await watching(t, reader, ["/many"]).ready();
    assert.equal(observed.entries.size, 5100);
    const changed = [...expected].slice(0, 2000).map(([key]) => [key, "changed"] as const);
    await inParallel(changed, 64, put);
    await observed.until({ ...Object.fromEntries(expected), ...Object.fromEntries(changed) });
  });
}

/** All other promises. */
export function keyspacePromises(name: string, make: MakeFixture): void {
  const its = testsOf(name, make);

  its("a watch of an empty folder begins with an empty reset", async (t, fixture) => {
    const reader = await opened(t, fixture);
    const observed = await watching(t, reader, ["/web"]).ready();
    assert.equal(observed.batches[0]?.kind, "reset");
    assert.equal(observed.entries.size, 0);
  });

  its("a watch begins with all entries and continues with the changes", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    await session.put("/web/a", "1", t.signal);
    const observed = await watching(t, reader, ["/web"]).ready();
    assert.deepEqual(valuesSeen(observed), { "/web/a": "1" });
    await session.put("/web/a", "2", t.signal);
    await observed.until({ "/web/a": "2" });
    await session.put("/web/b", "1", t.signal);
    await observed.until({ "/web/a": "2", "/web/b": "1" });
    await session.remove("/web/a", t.signal);
    await observed.until({ "/web/b": "1" });
    assert.ok(observed.batches.slice(1).every(({ kind }) => kind === "delta" || kind === "reset"));
  });

  its("the values of a key are never observed out of order", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const observed = await watching(t, reader, ["/web"]).ready();
    for (let i = 1; i <= 50; i += 1) await session.put("/web/a", String(i), t.signal);
    await observed.until({ "/web/a": "50" });
    const values = observed.history("/web/a").map(Number);
    assert.deepEqual(values, [...values].sort(ascending));
  });

  its("an entry carries its own key and a revision that changes with it", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    const observed = await watching(t, keyspace, ["/web"]).ready();
    await session.put("/web/a", "1", t.signal);
    const before = await observed.entry("/web/a", (entry) => entry.value === "1");
    await session.put("/web/a", "2", t.signal);
    const after = await observed.entry("/web/a", (entry) => entry.value === "2");
    assert.equal(after.key, "/web/a");
    assert.notEqual(after.revision, before.revision);
  });

  its("no entry that is written while a watch begins is missed", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const expected = numbered("/web", 300);
    const watches: Watching[] = [];
    const entries = [...expected].map(([key, value], i) => ({ key, value, i }));
    await inParallel(entries, 8, async ({ key, value, i }) => {
      if (i % 60 === 0) watches.push(watching(t, reader, ["/web"]));
      await session.put(key, value, t.signal);
    });
    for (const observed of watches) await observed.until(Object.fromEntries(expected));
  });

  its("a prefix is a folder, not a run of characters", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/web-2/x", "neighbour", t.signal);
    await session.put("/webx", "neighbour", t.signal);
    await session.put("/web/x", "1", t.signal);
    const observed = await watching(t, keyspace, ["/web/"]).ready();
    assert.deepEqual(valuesSeen(observed), { "/web/x": "1" });
    await session.put("/web-2/y", "neighbour", t.signal);
    await session.put("/web/y/deeper", "2", t.signal);
    await observed.until({ "/web/x": "1", "/web/y/deeper": "2" });
  });

  its("a prefix may be the key itself", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/config/limit", "10", t.signal);
    await session.put("/config/limits", "neighbour", t.signal);
    const observed = await watching(t, keyspace, ["/config/limit"]).ready();
    assert.deepEqual(valuesSeen(observed), { "/config/limit": "10" });
    await session.put("/config/limit", "20", t.signal);
    await observed.until({ "/config/limit": "20" });
  });

  its("several prefixes are one watch; overlapping ones count once", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/a/1", "1", t.signal);
    await session.put("/b/1", "1", t.signal);
    await session.put("/c/1", "1", t.signal);
    const observed = await watching(t, keyspace, ["/a", "c/", "/a/2", "/a"]).ready();
    assert.deepEqual(valuesSeen(observed), { "/a/1": "1", "/c/1": "1" });
    await session.put("/b/2", "2", t.signal);
    await session.put("/a/2", "2", t.signal);
    await session.put("/c/2", "2", t.signal);
    await observed.until({ "/a/1": "1", "/a/2": "2", "/c/1": "1", "/c/2": "2" });
    assert.equal(observed.history("/b/2").length, 0);
  });

  its("the root is a prefix", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/a/1", "1", t.signal);
    const observed = await watching(t, keyspace, ["/"]).ready();
    await session.put("/b", "2", t.signal);
    await observed.until({ "/a/1": "1", "/b": "2" });
  });

  its("keys and values are read back as they were written", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const odd = {
      "/web/10.0.0.1:80": "colon",
      "/web/[::1]:80": "brackets",
      "/web/with spaces and 'quotes\"": "spaces",
      "/web/größe ✓ 🙂": "größe ✓ 🙂",
      "/web/100%": "percent",
      "/web/100%25": "percent, encoded",
      "/web/%2F..%2F": "an encoded slash",
      "/web/.hidden": "leading dot",
      "/web/a.tmp": "looks like a temporary file",
      "/web/UPPER": "upper",
      "/web/upper": "lower",
      "/web/empty": "",
      "/web/lines": "one\ntwo\r\n\tthree\n",
      "/web/long": "0123456789".repeat(10_240),
    };
    const observed = await watching(t, reader, ["/web"]).ready();
    for (const [key, value] of Object.entries(odd)) await session.put(key, value, t.signal);
    await observed.until(odd);
    assert.deepEqual(valuesSeen(await watching(t, reader, ["/web"]).ready()), odd);
    for (const key of Object.keys(odd)) await session.remove(key, t.signal);
    await observed.until({});
  });

  its("all watchers observe the same entries", async (t, fixture) => {
    const writer = await opened(t, fixture);
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const observed = [
      await watching(t, one, ["/web"]).ready(),
      await watching(t, one, ["/web"]).ready(),
      await watching(t, other, ["/web"]).ready(),
    ];
    await session.put("/web/a", "1", t.signal);
    await session.put("/web/b", "2", t.signal);
    for (const watch of observed) await watch.until({ "/web/a": "1", "/web/b": "2" });
  });

  its("closing a session removes its entries at once, and no others", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [closing, staying, neighbour] = [
      await opening(t, one),
      await opening(t, one),
      await opening(t, other),
    ];
    await closing.put("/web/a", "1", t.signal);
    await staying.put("/web/b", "2", t.signal);
    await neighbour.put("/web/c", "3", t.signal);
    const observed = await watching(t, other, ["/web"]).ready();
    await closing.close();
    const remaining = await watching(t, other, ["/web"]).ready();
    assert.deepEqual(valuesSeen(remaining), { "/web/b": "2", "/web/c": "3" });
    await observed.until({ "/web/b": "2", "/web/c": "3" });
    await closing.close();
  });

  its("the entries of a crashed session stay until its TTL expires", async (t, fixture) => {
    const [crashing, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await crashing.open(fixture.ttlMs, t.signal);
    await session.put("/web/a", "1", t.signal);
    const observed = await watching(t, reader, ["/web"]).ready();
    await crashing[Symbol.asyncDispose]();
    assert.deepEqual(valuesSeen(await watching(t, reader, ["/web"]).ready()), { "/web/a": "1" });
    await observed.until({});
  });

  its("keeping a session alive keeps its entries and triggers no watch", async (t, fixture) => {
    const [keeping, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, keeping, fixture.ttlMs);
    await session.put("/web/a", "1", t.signal);
    const observed = await watching(t, reader, ["/web"]).ready();
    const before = observed.batches.length;
    const revision = observed.entries.get("/web/a")?.revision;
    for (let ttls = 0; ttls < 2; ttls += 1) await oneTtl(t, fixture);
    assert.ok(!session.expired.aborted);
    assert.equal(observed.batches.length, before);
    const again = await watching(t, reader, ["/web"]).ready();
    assert.deepEqual(valuesSeen(again), { "/web/a": "1" });
    assert.equal(again.entries.get("/web/a")?.revision, revision);
  });

  its("an expired session is reported, and rejects further entries", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer, fixture.ttlMs);
    await session.put("/web/a", "1", t.signal);
    const observed = await watching(t, reader, ["/web"]).ready();
    await fixture.expireSessions();
    await eventually("the session is reported as expired", () => session.expired.aborted);
    await observed.until({});
    await assert.rejects(session.put("/web/b", "1", t.signal), retryable);
    await session.close();
    const next = await opening(t, writer);
    await next.put("/web/a", "2", t.signal);
    await observed.until({ "/web/a": "2" });
  });

  ownershipConformance(its);

  its("a watch ends with its signal", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const [stop, stopAtOnce] = [new AbortController(), new AbortController()];
    const observed = await watching(t, keyspace, ["/web"], stop.signal).ready();
    stop.abort();
    assert.equal(await observed.ended(), undefined);
    stopAtOnce.abort();
    assert.equal(await watching(t, keyspace, ["/web"], stopAtOnce.signal).ended(), undefined);
  });

  its("opening, putting and removing end with their signal", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    const signal = AbortSignal.abort(new Error("enough"));
    const enough = { message: "enough" };
    await assert.rejects(keyspace.open(longMs, signal), enough);
    await assert.rejects(session.put("/web/a", "1", signal), enough);
    await assert.rejects(session.remove("/web/a", signal), enough);
  });

  its("a reader that stops reading releases its resources", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    for await (const batch of keyspace.watch(["/web"], t.signal)) {
      assert.equal(batch.kind, "reset");
      break;
    }
    await keyspace[Symbol.asyncDispose]();
  });
}

function testsOf(name: string, make: MakeFixture) {
  return (promise: string, body: (t: TestContext, fixture: Fixture) => Promise<void>) =>
    test(`${name}: ${promise}`, async (t) => await body(t, await make(t)));
}

const ascending = (a: number, b: number): number => a - b;

const retryable = (error: unknown): boolean => error instanceof Fault && error.retry;

/** Waits until the store has expired a session without heartbeats: one TTL. */
async function oneTtl(t: TestContext, fixture: Fixture): Promise<void> {
  const crashing = await fixture.open();
  const session = await crashing.open(fixture.ttlMs, t.signal);
  await session.put("/ttl", "1", t.signal);
  await crashing[Symbol.asyncDispose]();
  const reader = await opened(t, fixture);
  const gone = (entry: Entry | undefined) => entry === undefined;
  const observed = await watching(t, reader, ["/ttl"]).ready();
  await eventually("the session has expired", () => gone(observed.entries.get("/ttl")));
}

function numbered(folder: string, count: number): Map<string, string> {
  return new Map(Array.from({ length: count }, (_, i) => [`${folder}/key-${i}`, `value ${i}`]));
}
