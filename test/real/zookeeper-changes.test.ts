import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { codeOf, ifNoNode } from "../../lib/keyspace/zookeeper/errors.ts";
import type { Batch } from "../../lib/model/entry.ts";
import { valuesSeen, watching } from "../conformance/keyspace-watching.ts";
import { inParallel } from "../support/in-parallel.ts";
import { oneOf, seeded } from "../support/random.ts";
import { opening, reading } from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";
import { startBefore36 } from "./zookeeper-before-3.6.ts";

const longMs = 60_000;
const whole = { after } as Pick<TestContext, "after">;
const zookeeper = await startZookeeper(whole);
const old = await startBefore36(whole, zookeeper);

/** With persistent watches and without. */
const urls = [zookeeper.url, old.url];

test("after random changes of nodes, the watches show the final state", async (t) => {
  const raw = await connected(t);
  await raw.createFolder("/random");
  const watches = await Promise.all(
    urls.map(async (url) => watching(t, await opening(t, `${url}/random`), ["/web"]).ready()),
  );
  const random = seeded(7);
  const paths = allPaths("/random/web", 3);
  for (let round = 0; round < 5; round += 1) {
    await inParallel(Array.from({ length: 1000 }), 32, () => change(raw, paths, random));
    const expected = await valuesOf(raw, "/random", paths);
    for (const seen of watches) {
      await seen.until(expected);
      assert.deepEqual(valuesSeen(seen), expected);
    }
  }
});

test("a reader that pauses during 10 000 changes receives them in three batches at most", async (t) => {
  const readers = await Promise.all(urls.map(async (url) => await opening(t, url)));
  const slow = readers.map((reader) => reading(reader, "/slow"));
  for (const batches of slow) await batches.next();
  const prompt = await Promise.all(readers.map((reader) => watching(t, reader, ["/slow"]).ready()));
  const session = await (await opening(t, zookeeper.url)).open(longMs, t.signal);
  const keys = Array.from({ length: 1000 }, (_, i) => `/slow/${i}`);
  for (let round = 1; round <= 10; round += 1) {
    await inParallel(keys, 64, (key) => session.put(key, `${round}`, t.signal));
  }
  for (const seen of prompt) await seen.until(Object.fromEntries(keys.map((key) => [key, "10"])));
  for (const batches of slow) {
    assert.ok((await countUntil(batches, keys.length, "10")) <= 3);
    await batches.return?.();
  }
  await session.close();
});

test("a folder may have 20 000 nodes with names of more than 1 MB in total", async (t) => {
  const writer = await opening(t, zookeeper.url);
  // Two sessions: the nodes of one are removed in one transaction, and ZooKeeper limits the size of a transaction.
  const sessions = await Promise.all([1, 2].map(() => writer.open(longMs, t.signal)));
  const names = Array.from({ length: 20_000 }, (_, i) => `${"x".repeat(60)}-${i}`);
  const put = (name: string, i: number) => sessions[i % 2]?.put(`/many/${name}`, "1", t.signal);
  await inParallel([...names.entries()], 256, async ([i, name]) => await put(name, i));
  const watches = await Promise.all(
    urls.map(async (url) => watching(t, await opening(t, url), ["/many"]).ready()),
  );
  for (const seen of watches) assert.equal(seen.entries.size, names.length);
  for (const session of sessions) await session.close();
  for (const seen of watches) await seen.until({});
});

/** The number of batches until this many keys have the value. */
async function countUntil(
  batches: AsyncIterator<Batch>,
  keys: number,
  expected: string,
): Promise<number> {
  const current = new Set<string>();
  for (let count = 1; ; count += 1) {
    const { value } = await batches.next();
    assert.ok(value?.kind === "delta");
    for (const [key, entry] of value.put) if (entry.value === expected) current.add(key);
    if (current.size === keys) return count;
  }
}

async function connected(t: TestContext): Promise<Connection> {
  const [host = "", port] = zookeeper.endpoint.split(":");
  const connecting = { host, port: Number(port), sessionMs: longMs, limitMs: longMs };
  const connection = await connect(connecting, systemClock, t.signal);
  t.after(() => connection.closeNow());
  return connection;
}

/** Creates, writes or removes one of the nodes. Ignores operations that ZooKeeper rejects. */
async function change(
  connection: Connection,
  paths: readonly string[],
  random: () => number,
): Promise<void> {
  const path = oneOf(paths, random);
  const [what, value] = [random(), Buffer.from(`${random()}`)];
  const work = async () => {
    if (what < 0.2) return await connection.create(path, value);
    if (what < 0.5) return await connection.createFolder(path);
    if (what < 0.6) return await connection.setData(path, value, -1);
    await connection.remove(path, -1);
  };
  await work().catch(ifRefused);
}

function ifRefused(error: unknown): void {
  if (codeOf(error) === undefined) throw error;
}

/** The paths of a node and of all possible nodes below it. */
function allPaths(path: string, depth: number): readonly string[] {
  if (depth === 0) return [path];
  return [path, ...["a", "b", "c"].flatMap((name) => allPaths(`${path}/${name}`, depth - 1))];
}

/** The values that a watch of these paths has to show. */
async function valuesOf(
  connection: Connection,
  folder: string,
  paths: readonly string[],
): Promise<Record<string, string>> {
  const nodes = await Promise.all(
    paths.map(async (path) => [path, await connection.read(path).catch(ifNoNode)] as const),
  );
  return Object.fromEntries(
    nodes.flatMap(([path, node]) =>
      node && (node.owner !== undefined || node.value !== "")
        ? [[path.slice(folder.length), node.value]]
        : [],
    ),
  );
}
