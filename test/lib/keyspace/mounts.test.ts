import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { race } from "../../../lib/base/signal.ts";
import type { Keyspace } from "../../../lib/keyspace/contract.ts";
import { follow } from "../../../lib/keyspace/follow.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { atRevision } from "../../../lib/keyspace/mounts/at-revision.ts";
import { MergedSnapshot } from "../../../lib/keyspace/mounts/merged-snapshot.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { readCovered, readMounted } from "../../../lib/keyspace/mounts/read-mounted.ts";
import { visibleSource } from "../../../lib/keyspace/mounts/visible-source.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";

function stores(...folders: readonly string[]) {
  const clock = new ManualClock();
  const root = new MemoryStore(clock);
  const mounted = new Map(folders.map((folder) => [folder, new MemoryStore(clock)]));
  const opened = Array.from(mounted, ([folder, store]) => [folder, store.open()] as const);
  return { root, mounted, mounts: new Mounts(root.open(), new Map(opened)) };
}

const keysOf = (snapshot: Snapshot | undefined) =>
  snapshot?.chunks.flat().map(({ key }) => key) ?? [];

test("a path is located in the keyspace of the nearest mounted folder above it", () => {
  const { mounts } = stores("/legacy", "/legacy/deep", "/other");
  const located = (path: string) => {
    const { mount, key } = mounts.locate(path);
    return [mount.folder, key];
  };
  assert.deepEqual(located("/services/web/a"), ["", "/services/web/a"]);
  assert.deepEqual(located("/legacy/services/web/a"), ["/legacy", "/services/web/a"]);
  assert.deepEqual(located("/legacy/deep/a"), ["/legacy/deep", "/a"]);
  assert.deepEqual(located("/legacy"), ["/legacy", ""]);
  assert.deepEqual(located("/legacy-2/a"), ["", "/legacy-2/a"]);
  assert.deepEqual(located(""), ["", ""]);
  const [root, legacy] = mounts.all;
  assert.ok(root && legacy);
  assert.equal(mounts.pathOf(legacy, "/services/a"), "/legacy/services/a");
  assert.equal(mounts.pathOf(root, "/legacy/services/a"), undefined);
});

test("the folders of a template are those of each keyspace that has a part of them", () => {
  const { mounts } = stores("/legacy", "/other");
  const parts = (...folders: readonly string[]) =>
    Object.fromEntries(
      Array.from(mounts.partsOf(folders), ([{ folder }, own]) => [folder || "/", own]),
    );
  assert.deepEqual(parts("/services"), { "/": ["/services"] });
  assert.deepEqual(parts("/services", "/legacy/services"), {
    "/": ["/services"],
    "/legacy": ["/legacy/services"],
  });
  assert.deepEqual(parts(""), { "/": [""], "/legacy": ["/legacy"], "/other": ["/other"] });
});

test("keys are read at their paths, and those below a mounted folder are hidden", async () => {
  const { root, mounted, mounts } = stores("/legacy");
  root.write("/services/web/a", "1");
  root.write("/legacy/services/web/hidden", "2");
  mounted.get("/legacy")?.write("/services/web/b", "3");
  mounted.get("/legacy")?.write("/else", "4");
  const signal = AbortSignal.timeout(10_000);
  const all = await readMounted(mounts, [""], signal);
  const paths = ["/legacy/else", "/legacy/services/web/b", "/services/web/a"];
  assert.deepEqual(keysOf(all), paths);
  const part = await readMounted(mounts, ["/legacy/services"], signal);
  assert.deepEqual(keysOf(part), ["/legacy/services/web/b"]);
  assert.equal(part.get("/legacy/services/web/b")?.value, "3");
});

test("a keyspace that cannot be read fails the reading of its own folders only", async () => {
  const clock = new ManualClock();
  const legacy = new FaultyKeyspace(new MemoryStore(clock).open());
  legacy.disconnect();
  const mounts = new Mounts(new MemoryStore(clock).open(), new Map([["/legacy", legacy]]));
  const signal = AbortSignal.timeout(10_000);
  assert.deepEqual(keysOf(await readMounted(mounts, ["/services"], signal)), []);
  await assert.rejects(readMounted(mounts, ["/legacy"], signal), { code: "KEYSPACE_UNREACHABLE" });
});

test("changes are followed at their paths", async () => {
  const { mounted, mounts } = stores("/legacy");
  const [, mount] = mounts.all;
  const store = mounted.get("/legacy");
  assert.ok(mount && store);
  const cell = new Cell<Snapshot | undefined>(undefined);
  const source = visibleSource(mount, mounts);
  await race(
    AbortSignal.timeout(20_000),
    (s) => follow(source, ["/legacy/services"], cell, () => {}, s),
    async () => {
      await eventually("it is read", () => cell.value !== undefined);
      store.write("/services/web/a", "1");
      await eventually("it is put", () => keysOf(cell.value).join() === "/legacy/services/web/a");
      store.remove("/services/web/a", undefined);
      await eventually("it is gone", () => keysOf(cell.value).length === 0);
    },
  );
});

test("a reset of one keyspace changes no entry of another, and unchanged entries keep their identity", () => {
  const { mounts } = stores("/legacy");
  const [root, legacy] = mounts.all;
  assert.ok(root && legacy);
  const reset = (before: Snapshot, revision: string, ...keys: readonly string[]) => {
    const entries = keys.map((key): [string, Entry] => [key, { key, value: key, revision }]);
    return before.after({ kind: "reset", revision, entries: new Map(entries) });
  };
  const merged = new MergedSnapshot();
  const [a, b] = [reset(Snapshot.empty, "17", "/a", "/b"), reset(Snapshot.empty, "4", "/legacy/a")];
  merged.with(root, a);
  const first = merged.with(legacy, b);
  assert.deepEqual(keysOf(first), ["/a", "/b", "/legacy/a"]);
  assert.equal(first.revision, "17 /legacy:4");
  const second = merged.with(legacy, reset(b, "5"));
  assert.deepEqual(keysOf(second), ["/a", "/b"]);
  assert.equal(second.get("/a"), first.get("/a"));
  assert.equal(merged.with(legacy, reset(b, "5")).revision, "17 /legacy:5");
  const third = merged.with(root, reset(a, "18", "/b"));
  assert.deepEqual(keysOf(third), ["/b"]);
  assert.equal(third.get("/b"), first.get("/b"));
});

test("an unreadable entry is one of the whole until its own keyspace can read it", () => {
  const { mounts } = stores("/legacy");
  const [root, legacy] = mounts.all;
  assert.ok(root && legacy);
  const unreadable = (key: string) => [{ key, revision: "1", why: "denied" }];
  const empty = { kind: "reset", revision: "1", entries: new Map() } as const;
  const merged = new MergedSnapshot();
  merged.with(root, Snapshot.empty.after({ ...empty, unreadable: unreadable("/a") }));
  const part = Snapshot.empty.after({ ...empty, unreadable: unreadable("/legacy/a") });
  const keys = (snapshot: Snapshot) => snapshot.unreadable.map(({ key }) => key);
  assert.deepEqual(keys(merged.with(legacy, part)), ["/a", "/legacy/a"]);
  assert.deepEqual(keys(merged.with(legacy, part.after(empty))), ["/a"]);
});

test("files see the program's own entries of no keyspace, unless a template names them", async () => {
  const { root, mounted, mounts } = stores("/legacy");
  for (const store of [root, mounted.get("/legacy")]) {
    for (const key of ["/a", "/sidekick/watchers/w"]) store?.write(key, "1");
  }
  const covered = async (...folders: readonly string[]) =>
    keysOf(await readCovered(mounts, folders, AbortSignal.timeout(20_000)));
  assert.deepEqual(await covered(""), ["/a", "/legacy/a"]);
  assert.deepEqual(await covered("/legacy"), ["/legacy/a"]);
  assert.deepEqual(await covered("", "/legacy/sidekick/watchers"), [
    "/a",
    "/legacy/a",
    "/legacy/sidekick/watchers/w",
  ]);
  assert.equal(keysOf(await readMounted(mounts, [""], AbortSignal.timeout(20_000))).length, 4);
});

test("each keyspace is read at the revision that is named with its folder, the others as they are now", async () => {
  const readAt: string[] = [];
  const withPast = (name: string): Keyspace => {
    const now = new MemoryStore(new ManualClock()).open();
    const at = (revision: string) => {
      readAt.push(`${name}@${revision}`);
      return now;
    };
    return Object.assign(now, { at });
  };
  const mounted = new Map([["/legacy", withPast("legacy")]]);
  const mounts = new Mounts(withPast("root"), mounted);
  const revisions = ["17", "/legacy:4", "17 /legacy:4"];
  for (const revision of revisions) atRevision(mounts, revision);
  assert.deepEqual(readAt, ["root@17", "legacy@4", "root@17", "legacy@4"]);
  assert.equal(atRevision(mounts, "/legacy:4").root.keyspace, mounts.root.keyspace);
  assert.throws(() => atRevision(mounts, "/other:4"), { code: "KEYSPACE_REVISION_INVALID" });
  assert.throws(() => atRevision(mounts, " "), { code: "KEYSPACE_REVISION_INVALID" });
  const without = new Mounts(new MemoryStore(new ManualClock()).open());
  assert.throws(() => atRevision(without, "17"), { code: "KEYSPACE_NO_PAST" });
});
