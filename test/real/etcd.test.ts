import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { never } from "../../lib/base/signal.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import type { Entries } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { inParallel } from "../support/in-parallel.ts";
import { eventually, freeze, throwAwayFolder } from "../support/process.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import {
  assertNoChangeLost,
  following,
  isFault,
  keysOf,
  opened,
  opening,
  publishing,
  reading,
  same,
} from "./keyspace.ts";

const longMs = 60_000;

keyspaceConformance("etcd", async (t) => {
  const etcd = await startEtcd(t);
  return {
    open: async () => await opened(etcd.url),
    ttlMs: 3000,
    writeWithoutSession: async (key, value) => void (await etcd.etcdctl("put", key, value)),
    expireSessions: async () => await revokeAll(etcd),
  };
});

test("an outage ends the watch; the next watch shows the changes during the outage", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  for (const key of ["/web/a", "/web/b"]) await etcd.etcdctl("put", key, "1");
  const cell = new Cell<Snapshot | undefined>(undefined);
  const outage = follow(keyspace, ["/web"], cell, () => {}, t.signal);
  outage.catch(() => {});
  await eventually("the entries are observed", () => cell.value?.size === 2);
  const before = cell.value;
  await etcd.kill();
  await assert.rejects(outage, isFault("KEYSPACE_UNREACHABLE", "KEYSPACE_WATCH_ENDED"));
  assert.equal(cell.value, before);
  await assert.rejects(reading(keyspace, "/web").next(), isFault("KEYSPACE_UNREACHABLE"));
  await etcd.restart();
  await etcd.etcdctl("del", "/web/b");
  await etcd.etcdctl("put", "/web/c", "1");
  following(t, keyspace, "/web", cell);
  await eventually("the changes are observed", () => keysOf(cell) === "/web/a,/web/c");
  assert.equal(cell.value?.get("/web/a"), before?.get("/web/a"));
});

test("no change is lost while etcd is killed repeatedly", async (t) => {
  const etcd = await startEtcd(t);
  await assertNoChangeLost(t, etcd);
});

test("a compaction ends a watch of an older revision", async (t) => {
  const etcd = await startEtcd(t);
  const batches = reading(await opening(t, etcd.url), "/web");
  await batches.next();
  for (const value of ["1", "2", "3"]) await etcd.etcdctl("put", "/web/a", value);
  await etcd.etcdctl("compact", "4");
  await assert.rejects(batches.next(), (error) => {
    assert.match(String(error), /compacted up to revision 4/);
    return isFault("KEYSPACE_WATCH_ENDED")(error);
  });
});

test("a wiped store ends the watch; the next watch is empty", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  for (const value of ["1", "2", "3"]) await etcd.etcdctl("put", "/web/a", value);
  const batches = reading(keyspace, "/web");
  await batches.next();
  await etcd.kill();
  await etcd.restart({ wiped: true });
  await assert.rejects(batches.next(), isFault("KEYSPACE_WATCH_ENDED", "KEYSPACE_UNREACHABLE"));
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/web", cell);
  await eventually("the store is observed as empty", () => cell.value?.size === 0);
  await etcd.etcdctl("put", "/web/b", "1");
  await eventually("a new key is observed", () => keysOf(cell) === "/web/b");
});

test("answers and events of more than 4 MB are received", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  const session = await keyspace.open(longMs, t.signal);
  const keys = Array.from({ length: 60 }, (_, i) => `/big/${i}`);
  await inParallel(keys, 8, (key) => session.put(key, "x".repeat(100_000), t.signal));
  const batches = reading(keyspace, "/big");
  const { value } = await batches.next();
  assert.equal(value?.kind === "reset" && value.entries.size, 60);
  await session.close();
  const gone = new Set<string>();
  while (gone.size < keys.length) {
    const { value } = await batches.next();
    if (value?.kind === "delta") for (const key of value.gone) gone.add(key);
  }
  await batches.return?.();
});

test("a frozen etcd ends the watch within seconds, but not the session", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  const batches = reading(keyspace, "/web");
  await batches.next();
  const session = await keyspace.open(1000, t.signal);
  const ended = assert.rejects(batches.next(), isFault("KEYSPACE_UNREACHABLE"));
  await eventually("the session writes", async () => {
    await session.put("/other", "1", t.signal);
    return true;
  });
  await freeze(etcd.pid);
  await ended;
  assert.ok(!session.expired.aborted);
  await assert.rejects(session.put("/other", "2", t.signal), isFault("KEYSPACE_UNREACHABLE"));
  process.kill(etcd.pid, "SIGCONT");
  await eventually("the session writes again, or has expired", async () => {
    if (session.expired.aborted) return true;
    await session.put("/other", "3", t.signal);
    return true;
  });
  await session.close();
});

test("a session survives an outage that is longer than its TTL: a restart of etcd renews all leases", async (t) => {
  const [etcd, other] = [await startEtcd(t), await startEtcd(t)];
  const keyspace = await opening(t, etcd.url);
  const session = await keyspace.open(3000, t.signal);
  await session.put("/web/a", "1", t.signal);
  await etcd.kill();
  await leaseExpired(other, 3);
  await etcd.restart();
  await eventually("the session writes again", async () => {
    await session.put("/web/b", "1", t.signal);
    return true;
  });
  assert.ok(!session.expired.aborted);
  assert.match(await etcd.etcdctl("get", "/web/a"), /1/);
  await session.close();
});

test("an entry without a lease is taken over", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  await etcd.etcdctl("put", "/web/a", "by hand");
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "ours", t.signal);
  assert.equal(await etcd.etcdctl("get", "--print-value-only", "/web/a"), "ours\n");
  await session.close();
  assert.equal(await etcd.etcdctl("get", "/web/a"), "");
});

test("publish writes all entries again after its lease was revoked", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/web", cell);
  const desired = new Cell<Entries>(
    new Map([
      ["/web/a", "1"],
      ["/web/b", "2"],
    ]),
  );
  publishing(t, keyspace, desired, 2000);
  await eventually("the entries are observed", () => same(cell.value, desired.value));
  const before = cell.value?.get("/web/a");
  await revokeAll(etcd);
  await eventually("new entries are observed", () => {
    const after = cell.value?.get("/web/a");
    return after !== before && same(cell.value, desired.value);
  });
});

test("an entry that another client removes or overwrites is restored", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, etcd.url);
  const seen = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/web", seen);
  const desired = new Cell<Entries>(new Map([["/web/a", "ours"]]));
  publishing(t, keyspace, desired, 1000, seen);
  for (const change of [
    ["del", "/web/a"],
    ["put", "/web/a", "theirs"],
  ]) {
    await eventually("the entry is observed", () => same(seen.value, desired.value));
    const { version } = seen;
    await etcd.etcdctl(...change);
    await eventually(
      "the entry is restored",
      () => seen.version > version + 1 && same(seen.value, desired.value),
    );
  }
});

test("TLS: certificates are read for each connection", async (t) => {
  const etcd = await startEtcd(t, { tls: true });
  const { ca, cert, key } = etcd.certificates ?? assert.fail();
  const folder = await throwAwayFolder(t);
  const mine = join(folder, "client.crt");
  const keyspace = await opening(t, { url: etcd.url, ca, cert: mine, key });
  const first = () => reading(keyspace, "/web").next();
  await assert.rejects(first(), isFault("KEYSPACE_CREDENTIALS_UNREADABLE"));
  await writeFile(mine, "not a certificate");
  await assert.rejects(first(), isFault("KEYSPACE_CERTIFICATES_INVALID"));
  await copyFile(cert, mine);
  assert.equal((await first()).value?.kind, "reset");
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  await session.close();
  const stranger = await opening(t, { url: etcd.url, ca });
  await assert.rejects(reading(stranger, "/web").next(), isFault("KEYSPACE_UNREACHABLE"));
  const trusting = await opening(t, { url: etcd.url, cert, key });
  await assert.rejects(reading(trusting, "/web").next(), isFault("KEYSPACE_UNREACHABLE"));
});

test("a user reads and writes the granted keys only, also after a restart", async (t) => {
  const etcd = await startEtcd(t);
  const root = await withUsers(etcd);
  const folder = await throwAwayFolder(t);
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, "wrong\n");
  const keyspace = await opening(t, { url: etcd.url, user: "app", passwordFile });
  await assert.rejects(reading(keyspace, "/svc").next(), isFault("KEYSPACE_PERMISSION_DENIED"));
  await writeFile(passwordFile, "apppw\n");

  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/svc", cell);
  const desired = new Cell<Entries>(new Map([["/svc/a", "1"]]));
  publishing(t, keyspace, desired, longMs);
  await eventually("the entry is observed", () => same(cell.value, desired.value));
  await root("put", "/svc-other/a", "neighbour");

  // The token does not survive a restart, the lease does.
  await etcd.kill();
  await etcd.restart();
  desired.set(new Map([["/svc/a", "2"]]));
  await eventually("the change is observed", () => same(cell.value, desired.value));

  await assert.rejects(
    reading(keyspace, "/svc-other").next(),
    isFault("KEYSPACE_PERMISSION_DENIED"),
  );
  const session = await keyspace.open(longMs, t.signal);
  await assert.rejects(
    session.put("/elsewhere", "1", t.signal),
    isFault("KEYSPACE_PERMISSION_DENIED"),
  );
  await session.put("/svc/b", "1", t.signal);
  await session.close();
  const anonymous = await opening(t, etcd.url);
  await assert.rejects(reading(anonymous, "/svc").next(), isFault("KEYSPACE_PERMISSION_DENIED"));
});

test("a user with permission for a part of the keys is denied the folder, by its name", async (t) => {
  const etcd = await startEtcd(t);
  const root = await withUsers(etcd);
  await root("put", "/svc/web/a", "1");
  const keyspace = await opening(t, etcd.url.replace("//", "//app:apppw@"));
  const both = keyspace.watch(["/svc/web", "/services"], never)[Symbol.asyncIterator]();
  await assert.rejects(both.next(), (error) => {
    assert.match(String(error), /permission denied: cannot read all keys below \/services \(/);
    return isFault("KEYSPACE_PERMISSION_DENIED")(error);
  });
  const part = await reading(keyspace, "/svc/web").next();
  assert.deepEqual([...(part.value?.entries.keys() ?? [])], ["/svc/web/a"]);
});

test("a user is ignored if etcd has no authentication, and endpoints are tried in turn", async (t) => {
  const etcd = await startEtcd(t);
  const url = etcd.url.replace("//", "//app:secret@127.0.0.1:1,");
  const keyspace = await opening(t, url);
  assert.equal(keyspace.url, `etcd://127.0.0.1:1,${etcd.endpoint}`);
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, "/web", cell);
  await eventually("the keyspace is read", () => cell.value !== undefined);
});

/** Waits until a lease of this many seconds has expired in an etcd. */
async function leaseExpired({ etcdctl }: Etcd, seconds: number): Promise<void> {
  const [, id = ""] =
    /^lease (\S+) granted/.exec(await etcdctl("lease", "grant", `${seconds}`)) ?? [];
  await etcdctl("put", `--lease=${id}`, "/leased", "1");
  await eventually("the lease has expired", async () => (await etcdctl("get", "/leased")) === "");
}

async function revokeAll(etcd: Etcd): Promise<void> {
  const listed = await etcd.etcdctl("lease", "list");
  for (const id of listed.match(/^[0-9a-f]{8,}$/gm) ?? [])
    await etcd.etcdctl("lease", "revoke", id);
}

/** Enables authentication, with a user `app` for the keys below /svc/. Returns etcdctl as root. */
async function withUsers(etcd: Etcd): Promise<Etcd["etcdctl"]> {
  const { etcdctl } = etcd;
  await etcdctl("user", "add", "root:rootpw");
  await etcdctl("role", "add", "root");
  await etcdctl("user", "grant-role", "root", "root");
  await etcdctl("user", "add", "app:apppw");
  await etcdctl("role", "add", "app");
  await etcdctl("role", "grant-permission", "app", "readwrite", "/svc/", "--prefix");
  await etcdctl("user", "grant-role", "app", "app");
  await etcdctl("auth", "enable");
  return async (...args) => await etcdctl("--user=root:rootpw", ...args);
}
