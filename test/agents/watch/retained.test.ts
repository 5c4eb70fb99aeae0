import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { watchScene } from "./scene.ts";

const hosts = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"] as const;
const line = (...addresses: readonly string[]) =>
  `web: ${addresses.map((address) => `${address}*1`).join(" ")}\n`;

/** A watcher in sync with four instances, at 1000 ms. */
async function inSync(t: TestContext) {
  const scene = await watchScene(t);
  await scene.register("web", ...hosts);
  scene.run();
  await scene.clock.advance(0);
  await scene.becomes(line(...hosts));
  await scene.logged("applied");
  await scene.clock.advance(1000);
  return scene;
}

test("instances that are lost all at once are retained, and released in time though no key changes", async (t) => {
  const { deregister, clock, logged, text, report, becomes, proxy, log } = await inSync(t);
  await deregister("web", ...hosts);
  await clock.advance(50);
  await logged("instances_retained");
  assert.deepEqual(report().watch?.retained, [
    {
      ...{ service: "web", retained: 4, live: 0 },
      ...{ since: new Date(1000).toISOString(), until: new Date(11_000).toISOString() },
    },
  ]);
  await clock.advance(10_999 - clock.now());
  assert.equal(await text(), line(...hosts));
  assert.equal(proxy.attempts.length, 1);
  await clock.advance(51);
  await becomes("");
  await logged("applied", 2);
  assert.deepEqual(report().watch?.retained, []);
  assert.deepEqual(log.events.slice(2), [
    ...["instances_retained", "retention_ended"],
    ...["file_written", "applied"],
  ]);
});

test("a loss that is small enough is believed at once", async (t) => {
  const { deregister, clock, becomes, count } = await inSync(t);
  await deregister("web", hosts[0], hosts[1]);
  await clock.advance(50);
  await becomes(line(hosts[2], hosts[3]));
  assert.equal(count("instances_retained"), 0);
});

test("a retained instance that comes back is no longer retained, and others are served meanwhile", async (t) => {
  const { deregister, register, clock, logged, becomes, report } = await inSync(t);
  await deregister("web", ...hosts);
  await clock.advance(50);
  await logged("instances_retained");
  await clock.advance(1000);
  await register("web", "10.0.0.5:80");
  await clock.advance(50);
  await becomes(line(...hosts, "10.0.0.5:80"));
  await register("web", ...hosts);
  await clock.advance(50);
  await logged("retention_ended");
  assert.deepEqual(report().watch?.retained, []);
  await becomes(line(...hosts, "10.0.0.5:80"));
});

test("a drained instance is not lost when it goes", async (t) => {
  const { store, deregister, clock, becomes, count } = await inSync(t);
  for (const address of hosts.slice(1)) {
    const [host, port] = address.split(":");
    store.write(
      `/services/web/${address}`,
      JSON.stringify({ host, port: Number(port), weight: 0 }),
    );
  }
  await clock.advance(50);
  await becomes(`web: 10.0.0.1:80*1 10.0.0.2:80*0 10.0.0.3:80*0 10.0.0.4:80*0\n`);
  for (const address of hosts.slice(1)) store.remove(`/services/web/${address}`, undefined);
  await deregister("web");
  await clock.advance(50);
  await becomes(line(hosts[0]));
  assert.equal(count("instances_retained"), 0);
});
