import assert from "node:assert/strict";
import { readdir, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { createFileKeyspace } from "../../lib/keyspace/file/keyspace.ts";
import { systemUptime } from "../../lib/keyspace/file/uptime.ts";
import { fileKeyspace } from "../conformance/file-keyspace.ts";
import { keyspaceLoad } from "../conformance/keyspace.ts";
import { valuesSeen, watching } from "../conformance/keyspace-watching.ts";
import { eventually, isWithin, type Running, start, throwAwayFolder } from "../support/process.ts";

const ttlMs = 1500;

keyspaceLoad("file", fileKeyspace);

test("the keys of a killed process are removed after the TTL, and not before", async (t) => {
  const { folder, keyspace } = await prepared(t);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  const writer = await writing(t, folder, "/web/a", "/web/b");
  await seen.until({ "/web/a": `${writer.pid}`, "/web/b": `${writer.pid}` });
  await writer.stop("SIGKILL");
  const killedMs = performance.now();
  const beatMs = await lastBeatMs(folder);
  await seen.until({});
  const [tookMs, sinceMs] = [performance.now() - killedMs, systemUptime().now() - beatMs];
  assert.ok(isWithin(tookMs, ttlMs + 1500), `gone after ${tookMs} ms`);
  assert.ok(sinceMs >= ttlMs - 1, `gone ${sinceMs} ms after the last heartbeat`);
  assert.deepEqual(await readdir(folder, { recursive: true }), [".sessions"]);
});

test("a process keeps its keys for as long as it lives", async (t) => {
  const { folder, keyspace } = await prepared(t);
  const writer = await writing(t, folder, "/web/a");
  // When the keys of the killed process are gone, a TTL has passed since its last heartbeat.
  const killed = await writing(t, folder, "/web/killed");
  const seen = await watching(t, keyspace, ["/web"]).ready();
  await killed.stop("SIGKILL");
  await seen.until({ "/web/a": `${writer.pid}` });
  assert.equal(seen.batches.length, 2, "the first reset, and the removal of the other key");
});

test("the session of a process that is stopped for too long expires, and the process is notified", async (t) => {
  const { folder, keyspace } = await prepared(t);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  const writer = await writing(t, folder, "/web/a");
  await seen.until({ "/web/a": `${writer.pid}` });
  writer.child.kill("SIGSTOP");
  await seen.until({});
  assert.ok(!writer.output().includes("expired"));
  writer.child.kill("SIGCONT");
  await eventually("it is notified", () => writer.output().includes("expired"));
  assert.deepEqual(valuesSeen(seen), {});
});

test("a key that a later process took over stays when the earlier session is removed", async (t) => {
  const { folder, keyspace } = await prepared(t);
  const earlier = await writing(t, folder, "/web/a=same", "/web/b=same");
  await writing(t, folder, "/web/a=same");
  const seen = await watching(t, keyspace, ["/web"]).ready();
  await earlier.stop("SIGKILL");
  await seen.until({ "/web/a": "same" });
  assert.deepEqual(seen.history("/web/a"), ["same"]);
});

test("a new watcher does not show keys that expired while no process was running", async (t) => {
  const { folder, keyspace } = await prepared(t);
  const writer = await writing(t, folder, "/web/a");
  await writer.stop("SIGKILL");
  // As if a TTL had passed since its last heartbeat.
  for (const session of await readdir(join(folder, ".sessions"))) {
    const heartbeat = join(folder, ".sessions", session, "heartbeat");
    const earlier = ((await stat(heartbeat)).mtimeMs - ttlMs) / 1000;
    await utimes(heartbeat, earlier, earlier);
  }
  assert.equal(await readFile(join(folder, "web/a"), "utf8"), `${writer.pid}`);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  assert.deepEqual(valuesSeen(seen), {});
});

test("2 000 keys are all observed, and a change of one of them within 50 ms", async (t) => {
  const { keyspace } = await prepared(t);
  const session = await keyspace.open(60_000, t.signal);
  t.after(() => session.close());
  const keys = Array.from({ length: 2000 }, (_, i) => `/many/${i % 20}/${i}`);
  const seen = await watching(t, keyspace, ["/many"]).ready();
  await Promise.all(keys.map((key) => session.put(key, "1", t.signal)));
  await seen.until(Object.fromEntries(keys.map((key) => [key, "1"])));
  const latenciesMs: number[] = [];
  for (const key of keys.slice(0, 40)) {
    const putMs = performance.now();
    await session.put(key, "2", t.signal);
    await seen.entry(key, ({ value }) => value === "2");
    latenciesMs.push(performance.now() - putMs);
  }
  const median = latenciesMs.sort((a, b) => a - b)[20] ?? Number.NaN;
  assert.ok(isWithin(median, 50), `the median was ${median} ms`);
});

/** The time of the last heartbeat of the only session, in milliseconds since the boot. */
async function lastBeatMs(folder: string): Promise<number> {
  const [session = ""] = await readdir(join(folder, ".sessions"));
  return (await stat(join(folder, ".sessions", session, "heartbeat"))).mtimeMs;
}

async function prepared(t: TestContext) {
  const folder = join(await throwAwayFolder(t), "keyspace");
  return { folder, keyspace: createFileKeyspace({ folder, clock: systemClock }) };
}

/** Another process, which has written `keys`. The default value is its process id. */
async function writing(t: TestContext, folder: string, ...keys: string[]): Promise<Running> {
  const script = join(import.meta.dirname, "file-keyspace-writer.ts");
  const writer = start(t, [process.execPath, script, folder, String(ttlMs), ...keys]);
  await eventually("the writer has written", () => writer.output().includes("written"));
  return writer;
}
