import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Fault } from "../../lib/base/fault.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { eventually } from "../support/process.ts";
import { type Fixture, longMs, opened, opening } from "./keyspace-fixture.ts";
import { ownershipConformance } from "./keyspace-ownership.ts";
import { inParallel, valuesSeen, type Watching, watching } from "./keyspace-watching.ts";

export type { Fixture };

/** Makes what a test of the suite needs; it is called once for each test. */
export type MakeFixture = (t: TestContext) => Promise<Fixture>;

/** The promises of `lib/keyspace/contract.ts`, tried on one kind. */
export function keyspaceConformance(name: string, make: MakeFixture): void {
  keyspacePromises(name, make);
  keyspaceLoad(name, make);
}

/** Those of the promises that take thousands of keys to try. */
export function keyspaceLoad(name: string, make: MakeFixture): void {
  const its = testsOf(name, make);

  its("5 100 keys are one reset, and 2 000 changes all arrive", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const wanted = numbered("/many", 5100);
    const put = ([key, value]: readonly [string, string]) => session.put(key, value, t.signal);
    await inParallel([...wanted], 64, put);
    const seen = await watching(t, reader, ["/many"]).ready();
    assert.equal(seen.entries.size, 5100);
    const changed = [...wanted].slice(0, 2000).map(([key]) => [key, "changed"] as const);
    await inParallel(changed, 64, put);
    await seen.until({ ...Object.fromEntries(wanted), ...Object.fromEntries(changed) });
  });
}

/** All others. */
export function keyspacePromises(name: string, make: MakeFixture): void {
  const its = testsOf(name, make);

  its("a watch of an empty folder begins with an empty reset", async (t, fixture) => {
    const reader = await opened(t, fixture);
    const seen = await watching(t, reader, ["/web"]).ready();
    assert.equal(seen.batches[0]?.kind, "reset");
    assert.equal(seen.entries.size, 0);
  });

  its("a watch begins with all there is and goes on with what changes", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    await session.put("/web/a", "1", t.signal);
    const seen = await watching(t, reader, ["/web"]).ready();
    assert.deepEqual(valuesSeen(seen), { "/web/a": "1" });
    await session.put("/web/a", "2", t.signal);
    await seen.until({ "/web/a": "2" });
    await session.put("/web/b", "1", t.signal);
    await seen.until({ "/web/a": "2", "/web/b": "1" });
    await session.remove("/web/a", t.signal);
    await seen.until({ "/web/b": "1" });
    assert.ok(seen.batches.slice(1).every(({ kind }) => kind === "delta" || kind === "reset"));
  });

  its("the values of a key are never seen out of order", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const seen = await watching(t, reader, ["/web"]).ready();
    for (let i = 1; i <= 50; i += 1) await session.put("/web/a", String(i), t.signal);
    await seen.until({ "/web/a": "50" });
    const values = seen.history("/web/a").map(Number);
    assert.deepEqual(values, [...values].sort(ascending));
  });

  its("an entry carries its own key and a revision that changes with it", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    const seen = await watching(t, keyspace, ["/web"]).ready();
    await session.put("/web/a", "1", t.signal);
    const before = await seen.entry("/web/a", (entry) => entry.value === "1");
    await session.put("/web/a", "2", t.signal);
    const after = await seen.entry("/web/a", (entry) => entry.value === "2");
    assert.equal(after.key, "/web/a");
    assert.notEqual(after.revision, before.revision);
  });

  its("nothing that is written while a watch begins is missed", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const wanted = numbered("/web", 300);
    const watches: Watching[] = [];
    const entries = [...wanted].map(([key, value], i) => ({ key, value, i }));
    await inParallel(entries, 8, async ({ key, value, i }) => {
      if (i % 60 === 0) watches.push(watching(t, reader, ["/web"]));
      await session.put(key, value, t.signal);
    });
    for (const seen of watches) await seen.until(Object.fromEntries(wanted));
  });

  its("a prefix is a folder, not a run of characters", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/web-2/x", "neighbour", t.signal);
    await session.put("/webx", "neighbour", t.signal);
    await session.put("/web/x", "1", t.signal);
    const seen = await watching(t, keyspace, ["/web/"]).ready();
    assert.deepEqual(valuesSeen(seen), { "/web/x": "1" });
    await session.put("/web-2/y", "neighbour", t.signal);
    await session.put("/web/y/deeper", "2", t.signal);
    await seen.until({ "/web/x": "1", "/web/y/deeper": "2" });
  });

  its("a prefix may be the key itself", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/config/limit", "10", t.signal);
    await session.put("/config/limits", "neighbour", t.signal);
    const seen = await watching(t, keyspace, ["/config/limit"]).ready();
    assert.deepEqual(valuesSeen(seen), { "/config/limit": "10" });
    await session.put("/config/limit", "20", t.signal);
    await seen.until({ "/config/limit": "20" });
  });

  its("several prefixes are one watch; those that overlap count once", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/a/1", "1", t.signal);
    await session.put("/b/1", "1", t.signal);
    await session.put("/c/1", "1", t.signal);
    const seen = await watching(t, keyspace, ["/a", "c/", "/a/2", "/a"]).ready();
    assert.deepEqual(valuesSeen(seen), { "/a/1": "1", "/c/1": "1" });
    await session.put("/b/2", "2", t.signal);
    await session.put("/a/2", "2", t.signal);
    await session.put("/c/2", "2", t.signal);
    await seen.until({ "/a/1": "1", "/a/2": "2", "/c/1": "1", "/c/2": "2" });
    assert.equal(seen.history("/b/2").length, 0);
  });

  its("the root is a prefix", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    await session.put("/a/1", "1", t.signal);
    const seen = await watching(t, keyspace, ["/"]).ready();
    await session.put("/b", "2", t.signal);
    await seen.until({ "/a/1": "1", "/b": "2" });
  });

  its("keys and values come back as they were written", async (t, fixture) => {
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
    const seen = await watching(t, reader, ["/web"]).ready();
    for (const [key, value] of Object.entries(odd)) await session.put(key, value, t.signal);
    await seen.until(odd);
    assert.deepEqual(valuesSeen(await watching(t, reader, ["/web"]).ready()), odd);
    for (const key of Object.keys(odd)) await session.remove(key, t.signal);
    await seen.until({});
  });

  its("two watchers see the same", async (t, fixture) => {
    const writer = await opened(t, fixture);
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer);
    const seen = [
      await watching(t, one, ["/web"]).ready(),
      await watching(t, one, ["/web"]).ready(),
      await watching(t, other, ["/web"]).ready(),
    ];
    await session.put("/web/a", "1", t.signal);
    await session.put("/web/b", "2", t.signal);
    for (const watch of seen) await watch.until({ "/web/a": "1", "/web/b": "2" });
  });

  its("closing a session removes its entries at once, and nobody else's", async (t, fixture) => {
    const [one, other] = [await opened(t, fixture), await opened(t, fixture)];
    const [leaving, staying, neighbour] = [
      await opening(t, one),
      await opening(t, one),
      await opening(t, other),
    ];
    await leaving.put("/web/a", "1", t.signal);
    await staying.put("/web/b", "2", t.signal);
    await neighbour.put("/web/c", "3", t.signal);
    const seen = await watching(t, other, ["/web"]).ready();
    await leaving.close();
    const left = await watching(t, other, ["/web"]).ready();
    assert.deepEqual(valuesSeen(left), { "/web/b": "2", "/web/c": "3" });
    await seen.until({ "/web/b": "2", "/web/c": "3" });
    await leaving.close();
  });

  its("a crashed session's entries outlive it by the time to live", async (t, fixture) => {
    const [crashing, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await crashing.open(fixture.ttlMs, t.signal);
    await session.put("/web/a", "1", t.signal);
    const seen = await watching(t, reader, ["/web"]).ready();
    await crashing[Symbol.asyncDispose]();
    assert.deepEqual(valuesSeen(await watching(t, reader, ["/web"]).ready()), { "/web/a": "1" });
    await seen.until({});
  });

  its("keeping a session alive keeps its entries and wakes nobody up", async (t, fixture) => {
    const [keeping, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, keeping, fixture.ttlMs);
    await session.put("/web/a", "1", t.signal);
    const seen = await watching(t, reader, ["/web"]).ready();
    const before = seen.batches.length;
    const revision = seen.entries.get("/web/a")?.revision;
    for (let lives = 0; lives < 2; lives += 1) await oneLife(t, fixture);
    assert.ok(!session.lost.aborted);
    assert.equal(seen.batches.length, before);
    const again = await watching(t, reader, ["/web"]).ready();
    assert.deepEqual(valuesSeen(again), { "/web/a": "1" });
    assert.equal(again.entries.get("/web/a")?.revision, revision);
  });

  its("a session that the store dropped is lost, and takes no more entries", async (t, fixture) => {
    const [writer, reader] = [await opened(t, fixture), await opened(t, fixture)];
    const session = await opening(t, writer, fixture.ttlMs);
    await session.put("/web/a", "1", t.signal);
    const seen = await watching(t, reader, ["/web"]).ready();
    await fixture.expireSessions();
    await eventually("the session is lost", () => session.lost.aborted);
    await seen.until({});
    await assert.rejects(session.put("/web/b", "1", t.signal), retryable);
    await session.close();
    const next = await opening(t, writer);
    await next.put("/web/a", "2", t.signal);
    await seen.until({ "/web/a": "2" });
  });

  ownershipConformance(its);

  its("a watch ends with its signal", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const [stop, stopAtOnce] = [new AbortController(), new AbortController()];
    const seen = await watching(t, keyspace, ["/web"], stop.signal).ready();
    stop.abort();
    assert.equal(await seen.ended(), undefined);
    stopAtOnce.abort();
    assert.equal(await watching(t, keyspace, ["/web"], stopAtOnce.signal).ended(), undefined);
  });

  its("what waits ends with its signal", async (t, fixture) => {
    const keyspace = await opened(t, fixture);
    const session = await opening(t, keyspace);
    const signal = AbortSignal.abort(new Error("enough"));
    const enough = { message: "enough" };
    await assert.rejects(keyspace.open(longMs, signal), enough);
    await assert.rejects(session.put("/web/a", "1", signal), enough);
    await assert.rejects(session.remove("/web/a", signal), enough);
  });

  its("a reader that stops reading leaves nothing behind", async (t, fixture) => {
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

/** Waits until a session that nobody keeps alive has been dropped by the store: one time to live. */
async function oneLife(t: TestContext, fixture: Fixture): Promise<void> {
  const candle = await fixture.open();
  const session = await candle.open(fixture.ttlMs, t.signal);
  await session.put("/candle", "burning", t.signal);
  await candle[Symbol.asyncDispose]();
  const reader = await opened(t, fixture);
  const gone = (entry: Entry | undefined) => entry === undefined;
  const seen = await watching(t, reader, ["/candle"]).ready();
  await eventually("the candle is out", () => gone(seen.entries.get("/candle")));
}

function numbered(folder: string, count: number): Map<string, string> {
  return new Map(Array.from({ length: count }, (_, i) => [`${folder}/key-${i}`, `value ${i}`]));
}
