import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cell } from "../../lib/base/cell.ts";
import { never } from "../../lib/base/signal.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { events } from "../support/log-events.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { following, isFault, keysOf, opened, opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";
import { startZkCli } from "./zkcli.ts";
import { startZookeeper } from "./zookeeper.ts";
import { startBefore36 } from "./zookeeper-before-3.6.ts";
import { overwrite } from "./zookeeper-sessions.ts";

const whole = { after } as Pick<TestContext, "after">;
const zookeeper = await startZookeeper(whole);
const urls = {
  recursive: zookeeper.url,
  "one per node": (await startBefore36(whole, zookeeper)).url,
};

/** Only the user `owner` may read a node with this ACL; every client may with the other one. */
const [closed, open] = ["auth:owner:cdrwa", "world:anyone:cdrwa"];

for (const [watches, url] of Object.entries(urls)) {
  test(`watches (${watches}): a node without read permission is unreadable alone, and so is a folder`, async (t) => {
    const root = `/${watches.replaceAll(" ", "-")}`;
    const cli = await startZkCli(t, zookeeper.endpoint);
    await cli.run("addauth digest owner:secret");
    const write = (key: string, value = "1") => overwrite(zookeeper, `${root}${key}`, value);
    const protect = (key: string, acl: string) => cli.run(`setAcl ${root}${key} ${acl}`);
    for (const key of ["/services/web/a", "/services/web/b", "/services/db/c"]) await write(key);
    await protect("/services/web/b", closed);
    await protect("/services/db", closed);

    const keyspace = await opening(t, `${url}${root}`);
    const cell = new Cell<Snapshot | undefined>(undefined);
    following(t, keyspace, "/services", cell);
    const unreadable = () => cell.value?.unreadable.map(({ key, why }) => `${key} ${why}`);
    await eventually("the others are read", () => keysOf(cell) === "/services/web/a");
    const denied = "permission denied by the ACL of its node";
    assert.deepEqual(unreadable(), [
      `/services/db ${denied}; neither can the keys below it`,
      `/services/web/b ${denied}`,
    ]);
    await write("/services/web/d");
    await eventually("a change is read", () => keysOf(cell) === "/services/web/a,/services/web/d");

    // ZooKeeper sends no event for a change of an ACL.
    await protect("/services/web/b", open);
    await protect("/services/db", open);
    const all = "/services/db/c,/services/web/a,/services/web/b,/services/web/d";
    await eventually("all are read", () => keysOf(cell) === all);
    assert.deepEqual(unreadable(), []);
    await write("/services/db/e");
    await eventually("the folder is watched", () => keysOf(cell).includes("/services/db/e"));

    await protect("/services", closed);
    const read = async () => {
      const another = await opened(`${url}${root}`);
      await readSnapshot(another, ["/services/web", "/services"], never).finally(() =>
        another[Symbol.asyncDispose](),
      );
    };
    await assert.rejects(read(), (error) => {
      assert.match(String(error), /permission denied: cannot read \/services \(/);
      return isFault("KEYSPACE_PERMISSION_DENIED")(error);
    });
    assert.equal(cell.value?.size, 5);
  });
}

test("a presence agent registers, and restores its entry, beside an unreadable node", async (t) => {
  const cli = await startZkCli(t, zookeeper.endpoint);
  await cli.run("addauth digest owner:secret");
  await overwrite(zookeeper, "/presence/services/web/other", "1");
  await cli.run(`setAcl /presence/services/web/other ${closed}`);
  const folder = await throwAwayFolder(t);
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${zookeeper.url}/presence\npresence: { services: [{ name: web, host: 10.0.0.1, port: 80 }] }\n`,
  );
  const agent = startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd: folder });
  const logged = (event: string) => events(agent).some((one) => one.event === event);
  await eventually("it is registered", () => logged("registered"));
  // Only once the agent has observed its entry does it notice that the entry is removed.
  await sleep(2000);
  await cli.run("delete /presence/services/web/10.0.0.1:80");
  await eventually("it is restored", () => logged("restored"));
  assert.ok(!logged("fault"));
});

test("an unreadable node that is removed is unreadable no longer", async (t) => {
  const cli = await startZkCli(t, zookeeper.endpoint);
  await cli.run("addauth digest owner:secret");
  await overwrite(zookeeper, "/removed/web/a", "1");
  await cli.run(`setAcl /removed/web/a ${closed}`);
  const cell = new Cell<Snapshot | undefined>(undefined);
  following(t, await opening(t, `${zookeeper.url}/removed`), "/web", cell);
  await eventually("it is unreadable", () => cell.value?.unreadable.length === 1);
  await cli.run("delete /removed/web/a");
  await eventually("it is gone", () => cell.value?.unreadable.length === 0);
});
