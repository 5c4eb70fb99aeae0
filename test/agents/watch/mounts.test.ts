import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { createEnvKeyspace } from "../../../lib/keyspace/env/keyspace.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import type { Endpoint } from "../../../lib/model/pool.ts";
import type { NamedSources } from "../../../lib/view/sources.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { eventually } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

const configured = {
  ...{ service: "db", id: "c", key: "watch.sources.db/c", host: "10.0.0.9", port: 80 },
  ...{ address: "10.0.0.9:80", server: "c", name: "c", weight: 1, labels: {} },
} satisfies Endpoint;

const union: NamedSources = {
  web: {
    mode: "union",
    folders: [{ path: "/services/web" }, { path: "/legacy/web" }],
    instances: [],
  },
};

const fallBack = (...instances: readonly Endpoint[]): NamedSources => ({
  db: { mode: "first", folders: [{ path: "/legacy/db" }, { path: "/services/db" }], instances },
});

interface Options
  extends Pick<
    WatchSceneOptions,
    "cachePath" | "sourceFolders" | "prefixes" | "root" | "hidden" | "text"
  > {
  readonly sources?: NamedSources;
  /** Whether the mounted keyspace is unreachable at the start. */
  readonly isUnreachable?: boolean;
}

/** A watcher of one keyspace with another one that is mounted at `/legacy`. */
async function mountedScene(t: TestContext, { sources = {}, isUnreachable, ...options }: Options) {
  let store: MemoryStore | undefined;
  let legacy: FaultyKeyspace | undefined;
  const scene = await watchScene(t, {
    prefixes: ["/services", "/legacy"],
    ...options,
    plan: { sources },
    mounted: (clock) => {
      store = new MemoryStore(clock);
      legacy = new FaultyKeyspace(store.open());
      if (isUnreachable) legacy.disconnect();
      return new Map([["/legacy", legacy]]);
    },
  });
  assert.ok(store && legacy);
  const { clock, text } = scene;
  /** Waits until the file has this text, while time goes on. */
  const becomes = (expected: string) =>
    eventually(`the file is ${JSON.stringify(expected)}`, async () => {
      await clock.advance(100);
      return (await text()) === expected || undefined;
    });
  /** Waits while time goes on: a loop that has failed tries again after its back-off. */
  const comes = (what: string, condition: () => boolean | undefined) =>
    eventually(what, async () => {
      await clock.advance(100);
      return condition();
    });
  return { ...scene, becomes, comes, legacyStore: store, legacy };
}

test("a service has instances of two keyspaces; one that is unreachable keeps its own and delays no other", async (t) => {
  const scene = await mountedScene(t, { sources: union });
  const { run, register, becomes, comes, report, legacy, legacyStore } = scene;
  await register("web", "10.0.0.1:80");
  legacyStore.write("/web/a", "10.0.0.2:80");
  run();
  await becomes("web: 10.0.0.2:80*1 10.0.0.1:80*1\n");
  await comes("it is in sync", () => !report().degraded);
  assert.deepEqual(
    report().mounts?.map(({ folder, reachable }) => [folder, reachable]),
    [["/legacy", true]],
  );
  assert.match(report().watch?.templates[0]?.revision ?? "", /^\d+ \/legacy:\d+$/);

  legacy.disconnect();
  await register("web", "10.0.0.3:80");
  await becomes("web: 10.0.0.2:80*1 10.0.0.1:80*1 10.0.0.3:80*1\n");
  await comes("it is unreachable", () => report().mounts?.[0]?.reachable === false);
  assert.equal(report().keyspace.reachable, true);
  const [reason] = report().reasons;
  assert.match(reason?.message ?? "", /^memory:, mounted at \/legacy, is unreachable: /);

  legacyStore.write("/web/b", "10.0.0.4:80");
  legacy.reconnect();
  await becomes("web: 10.0.0.2:80*1 10.0.0.4:80*1 10.0.0.1:80*1 10.0.0.3:80*1\n");
  await comes("it is reachable", () => !report().degraded);
});

test("a file that depends on a keyspace is not written before that was read, however long it takes", async (t) => {
  const scene = await mountedScene(t, { sources: union, isUnreachable: true });
  const { run, register, becomes, text, report, legacy, legacyStore, clock, logged } = scene;
  await register("web", "10.0.0.1:80");
  run();
  await logged("fault");
  await clock.advance(10_000);
  await logged("keyspace_not_read");
  await register("web", "10.0.0.3:80");
  await clock.advance(20_000);
  assert.equal(await text(), "");
  assert.equal(report().ready, false);
  assert.deepEqual(
    report().reasons.map(({ kind }) => kind),
    ["not in sync yet", "keyspace unreachable"],
  );
  legacyStore.write("/web/a", "10.0.0.2:80");
  legacy.reconnect();
  await becomes("web: 10.0.0.2:80*1 10.0.0.1:80*1 10.0.0.3:80*1\n");
});

for (const [what, sources, expected] of [
  ["a fall-back", fallBack(), "db: 10.0.0.2:80*1\n"],
  ["instances of the configuration", fallBack(configured), "db: 10.0.0.9:80*1\n"],
] as const) {
  test(`${what} are used after ten seconds without a keyspace that was never reached`, async (t) => {
    const sourceFolders = ["/legacy/db"];
    const prefixes = ["/services", ...sourceFolders];
    const options = { sources, sourceFolders, prefixes, isUnreachable: true };
    const scene = await mountedScene(t, options);
    const { run, register, becomes, text, report, legacy, legacyStore, clock, logged } = scene;
    if (what === "a fall-back") await register("db", "10.0.0.2:80");
    run();
    await logged("fault");
    await clock.advance(9000);
    assert.equal(await text(), "");
    await clock.advance(1000);
    await becomes(expected);
    await eventually("it is ready", () => report().ready);
    assert.equal(report().reasons[0]?.kind, "keyspace unreachable");

    legacyStore.write("/db/a", "10.0.0.7:80");
    legacy.reconnect();
    await becomes("db: 10.0.0.7:80*1\n");
  });
}

test("drains are acknowledged in the keyspace of the instance, by the key that it has there", async (t) => {
  const scene = await mountedScene(t, { sources: union });
  const { run, register, becomes, entry, legacyStore, store, entryKey } = scene;
  await register("web", "10.0.0.1:80");
  const drained = '{"host":"10.0.0.2","port":80,"weight":0}';
  legacyStore.write("/web/a", drained);
  store.write("/services/web/b", drained.replace("0.2", "0.3"));
  run();
  await becomes("web: 10.0.0.2:80*0 10.0.0.1:80*1 10.0.0.3:80*0\n");
  const signal = AbortSignal.timeout(20_000);
  const legacyEntry = async () =>
    (await readSnapshot(legacyStore.open(), [entryKey], signal)).get(entryKey)?.value;
  const acknowledged = async (value: string | undefined) => {
    const { drained = {}, prefixes } = JSON.parse(value ?? "{}");
    return `${prefixes} ${Object.keys(drained)}`;
  };
  await eventually(
    "it is acknowledged at the mounted keyspace",
    async () => (await acknowledged(await legacyEntry())) === "/ /web/a",
  );
  await eventually(
    "it is acknowledged",
    async () => (await acknowledged(await entry())) === "/services /services/web/b",
  );
});

test("the cached entries stand in for the keyspace alone that is unreachable at the start", async (t) => {
  const first = await mountedScene(t, { sources: union });
  const cachePath = `${first.folder}/cache`;
  const saving = await mountedScene(t, { sources: union, cachePath });
  await saving.register("web", "10.0.0.1:80");
  saving.legacyStore.write("/web/a", "10.0.0.2:80");
  saving.run();
  await saving.becomes("web: 10.0.0.2:80*1 10.0.0.1:80*1\n");
  await saving.clock.advance(5000);
  await eventually("it is saved", async () => {
    return (
      (await readFile(cachePath, "utf8").catch(() => "")).includes("/legacy/web/a") || undefined
    );
  });

  const next = await mountedScene(t, { sources: union, cachePath, isUnreachable: true });
  await next.register("web", "10.0.0.5:80");
  next.run();
  await next.logged("snapshot_cache_used");
  await next.becomes("web: 10.0.0.2:80*1 10.0.0.5:80*1\n");
  assert.ok(next.report().watch?.cachedSnapshot);
  assert.equal(next.report().keyspace.reachable, true);
});

test("instances of the configuration are served although the only keyspace was never reached", async (t) => {
  const scene = await watchScene(t, {
    plan: { services: false, sources: fallBack(configured) },
    ...{ prefixes: ["/legacy/db", "/services/db"], sourceFolders: ["/legacy/db", "/services/db"] },
    before: (keyspace) => keyspace.disconnect(),
  });
  const { run, clock, logged, text, register, keyspace, report } = scene;
  const becomes = (expected: string) =>
    eventually(`the file is ${JSON.stringify(expected)}`, async () => {
      await clock.advance(100);
      return (await text()) === expected || undefined;
    });
  run();
  await logged("fault");
  await clock.advance(9000);
  assert.equal(await text(), "");
  await becomes("db: 10.0.0.9:80*1\n");
  assert.equal(report().keyspace.reachable, false);
  await register("db", "10.0.0.1:80");
  keyspace.reconnect();
  await becomes("db: 10.0.0.1:80*1\n");
});

test("a file whose root is in a mounted keyspace waits for that, and names keys below the root", async (t) => {
  const scene = await mountedScene(t, {
    ...{ root: "/legacy/app", prefixes: ["/legacy/app/config"], isUnreachable: true },
    text: '{{#each (gets "/config/*")}}{{key}}={{value}} {{/each}}',
  });
  const { run, becomes, text, report, legacy, legacyStore, clock, logged, register } = scene;
  legacyStore.write("/app/config/a", "1");
  run();
  await logged("fault");
  await register("web", "10.0.0.1:80");
  await clock.advance(20_000);
  assert.equal(await text(), "");
  assert.equal(report().ready, false);
  legacy.reconnect();
  await becomes("/config/a=1 ");
});

test("the prefix / shows the keys of all keyspaces but the program's own, which wake no file", async (t) => {
  const text = '{{#each (gets "/*/*/*")}}{{key}} {{/each}}{{#each (gets "/*/*")}}{{key}} {{/each}}';
  const hidden = ["/sidekick", "/legacy/sidekick"];
  const scene = await mountedScene(t, { text, hidden, prefixes: [""] });
  const { run, becomes, store, legacyStore, entryKey, entry } = scene;
  store.write("/app/a", "1");
  legacyStore.write("/app/b", "1");
  legacyStore.write("/sidekick/owners/o", "1");
  run();
  await becomes("/legacy/app/b /app/a ");
  const written = async () => {
    const keys = [entryKey];
    const mounted = await readSnapshot(legacyStore.open(), keys, AbortSignal.timeout(20_000));
    return (mounted.get(entryKey) && (await entry())) || undefined;
  };
  await eventually("both keyspaces have the watcher's entry", written);
  legacyStore.write("/app/c", "1");
  await becomes("/legacy/app/b /legacy/app/c /app/a ");
});

test("a mounted keyspace that is read only gets no entry of the watcher", async (t) => {
  const scene = await watchScene(t, {
    mounted: () => new Map([["/vars", createEnvKeyspace({ APP_A: "1" })]]),
    prefixes: ["/services", "/vars"],
    text: '{{getv "/vars/app/a"}}',
  });
  const { run, becomes, entry, report, log } = scene;
  run();
  await becomes("1");
  await eventually("the first keyspace has the watcher's entry", async () => {
    return (await entry()) !== undefined || undefined;
  });
  assert.ok(!log.events.includes("fault"));
  await eventually("it is in sync", () => !report().degraded);
});
