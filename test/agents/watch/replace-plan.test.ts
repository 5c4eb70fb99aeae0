import assert from "node:assert/strict";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

type Scene = Awaited<ReturnType<typeof watchScene>>;

/** Waits while time goes on. */
function comesTrue(
  { clock }: Pick<Scene, "clock">,
  what: string,
  isSo: () => boolean | Promise<boolean>,
) {
  return eventually(what, async () => {
    await clock.advance(50);
    return await isSo();
  });
}

test("templates come and go; the files, the proxy and the own entry of the others are left alone", async (t) => {
  const scene = await watchScene(t);
  const { another, replacePlan, proxy, path, clock, report, keyspace } = scene;
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await comesTrue(scene, "the first file", async () => (await scene.text()) !== "");
  await comesTrue(scene, "the entry has the file", async () =>
    /in sync/.test((await scene.entry()) ?? ""),
  );
  const { ino, mtimeMs } = await stat(path);
  const sessions = keyspace.opened;
  const { watched } = keyspace;
  const more = await another("more", "{{#each services}}{{name}} {{/each}}");
  await replacePlan({ others: [more.plan] });
  await comesTrue(scene, "the new file", async () => (await more.text()) === "web ");
  assert.equal(keyspace.watched, watched, "the same folders are followed as before");
  const own = await another("own", '{{getv "/conf/a"}} ', ["/conf"]);
  scene.store.write("/conf/a", "1");
  await replacePlan({ others: [own.plan, more.plan] });
  await comesTrue(scene, "the file from another folder", async () => (await own.text()) === "1 ");
  const targets = () =>
    report().watch?.templates.map(({ target, state }) => `${target.replace(/.*\//, "")} ${state}`);
  const all = "out in sync,own in sync,more in sync";
  await comesTrue(scene, all, () => targets()?.join() === all);
  await replacePlan({ others: [own.plan] });
  await scene.register("web", "10.0.0.2:80");
  const given = () => proxy.attempts.at(-1)?.texts.join() ?? "";
  await comesTrue(scene, "the proxy has both", () => /2:80/.test(given()));
  await comesTrue(scene, "the entry follows", async () =>
    /"\/conf"/.test((await scene.entry()) ?? ""),
  );
  assert.equal(await more.text(), "web ", "the file of a removed template stays");
  assert.deepEqual(targets(), ["out in sync", "own in sync"]);
  assert.equal(proxy.attempts.length, 2, "for the keys, and not for the reloads");
  assert.notEqual((await stat(path)).ino, ino);
  assert.ok((await stat(path)).mtimeMs >= mtimeMs);
  assert.equal(keyspace.opened, sessions, "the session of the own entry is kept");
  await scene.register("web", "10.0.0.3:80");
  await clock.advance(5000);
  assert.equal(await more.text(), "web ");
});

test("a file stays as it is while another keyspace is unreachable, and is written from that once it was read", async (t) => {
  const scene = await watchScene(t);
  const { replacePlan, proxy, clock } = scene;
  await scene.register("web", "10.0.0.1:80", "10.0.0.2:80");
  scene.run();
  const both = "web: 10.0.0.1:80*1 10.0.0.2:80*1\n";
  await comesTrue(scene, "the first file", async () => (await scene.text()) === both);
  const store = new MemoryStore(clock, "memory:other");
  const other = new FaultyKeyspace(store.open());
  other.disconnect();
  await replacePlan({}, new Mounts(other));
  await clock.advance(5000);
  assert.equal(await scene.text(), both);
  await scene.register("web", "10.0.0.9:80");
  await clock.advance(5000);
  assert.equal(await scene.text(), both, "the former keyspace is not followed");
  assert.equal(scene.count("instances_retained"), 0);
  store.write("/services/web/10.0.0.1:80", "10.0.0.1:80");
  store.write("/services/web/10.0.0.3:80", "10.0.0.3:80");
  store.write("/services/web/10.0.0.2:80", "10.0.0.2:80");
  other.reconnect();
  await comesTrue(scene, "the other keyspace", async () => /3:80/.test(await scene.text()));
  assert.equal(await scene.text(), "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n");
  assert.equal(proxy.attempts.length, 2);
  await comesTrue(scene, "its own entry is there", async () => (await keysIn(store)).length === 1);
  await comesTrue(
    scene,
    "and no longer in the first",
    async () => (await scene.entry()) === undefined,
  );
});

test("a keyspace that is mounted later adds its entries, and holds up no file that does not need it", async (t) => {
  const scene = await watchScene(t);
  const { another, replacePlan, clock, keyspace } = scene;
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await comesTrue(scene, "the first file", async () => (await scene.text()) !== "");
  const store = new MemoryStore(clock, "memory:legacy");
  store.write("/conf/a", "1");
  const legacy = new FaultyKeyspace(store.open());
  legacy.disconnect();
  const own = await another("own", '{{getv "/legacy/conf/a"}} ', ["/legacy/conf"]);
  await replacePlan({ others: [own.plan] }, new Mounts(keyspace, new Map([["/legacy", legacy]])));
  await scene.register("web", "10.0.0.2:80");
  await comesTrue(scene, "a change of the first one", async () => /2:80/.test(await scene.text()));
  assert.equal(await own.text(), "");
  legacy.reconnect();
  await comesTrue(scene, "the mounted one", async () => (await own.text()) === "1 ");
  await replacePlan({}, new Mounts(keyspace));
  await scene.deregister("web", "10.0.0.2:80");
  await comesTrue(scene, "the only one again", async () => !/2:80/.test(await scene.text()));
});

test("other rules of the view, other debounce and an edit of the same moment apply", async (t) => {
  const scene = await watchScene(t);
  const { replacePlan, source, proxy, store, clock } = scene;
  await scene.register("web", "10.0.0.1:80");
  store.write("/live/web/10.0.0.7:80", "10.0.0.7:80");
  scene.run();
  await comesTrue(scene, "the first file", async () => (await scene.text()) !== "");
  await clock.advance(1000);
  await writeFile(source, "edited {{#each services}}{{name}}{{/each}}\n");
  await replacePlan({ services: false });
  await comesTrue(scene, "the edit", async () => (await scene.text()) === "edited \n");
  await replacePlan({ settle: { quietMs: 10, atMostMs: 100 } });
  await comesTrue(scene, "the services", async () => (await scene.text()) === "edited web\n");
  const { length } = proxy.attempts;
  await replacePlan({ settle: { quietMs: 20, atMostMs: 100 }, acknowledge: false });
  await comesTrue(scene, "no entry", async () => (await scene.entry()) === undefined);
  await replacePlan({ acknowledge: true });
  await comesTrue(scene, "an entry", async () => (await scene.entry()) !== undefined);
  assert.ok(proxy.attempts.length >= length);
});

test("pins and quarantined entries of groups that are opened again are as after a restart, and drains are acknowledged", async (t) => {
  const scene = await watchScene(t, { cachePath: join(await throwAwayFolder(t), "cache") });
  const { replacePlan, agent, store, clock, text } = scene;
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await comesTrue(scene, "the first file", async () => (await text()) !== "");
  const title = () => agent.parts.groups[0]?.title ?? "";
  const isKept = () =>
    agent.journal.texts(1).then(
      () => true,
      () => false,
    );
  await comesTrue(scene, "a generation on disk", isKept);
  const pinning = agent.pin({ n: 1, forMs: 60_000, reason: "test", limitMs: 10_000 }, never);
  await comesTrue(scene, "pinned", () => scene.count("pinned") === 1);
  await pinning;
  await replacePlan({ retry: { firstMs: 500, maxMs: 1000 } });
  await scene.register("web", "10.0.0.2:80");
  await clock.advance(2000);
  assert.doesNotMatch(await text(), /2:80/);
  await agent.unpin({});
  await comesTrue(scene, "unpinned", async () => /2:80/.test(await text()));
  await comesTrue(
    scene,
    "its numbers go on",
    () => Number(agent.journal.lastOf(title()).last?.n) > 2,
  );
  const drained = JSON.stringify({ host: "10.0.0.3", port: 80, weight: 0 });
  store.write("/services/web/10.0.0.3:80", drained);
  await comesTrue(scene, "acknowledged", async () =>
    /10\.0\.0\.3:80/.test((await scene.entry()) ?? ""),
  );
});

async function keysIn(store: MemoryStore): Promise<readonly string[]> {
  const snapshot = await readSnapshot(store.open(), ["/sidekick/watchers"], never);
  return snapshot.chunks.flat().map(({ key }) => key);
}
