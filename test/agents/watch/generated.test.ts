import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileOfWeb, haproxyOfWeb, serverLine } from "../../lib/render/synapse/generator.ts";
import { rejecting, watchScene } from "./scene.ts";

const [two, three, four] = ["10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"];

/** A watcher of a file that a generator makes, in sync with one instance. */
async function inSync(t: TestContext) {
  const scene = await watchScene(t, { generator: haproxyOfWeb, target: "haproxy.cfg" });
  await scene.register("web", two);
  scene.run();
  await scene.clock.advance(0);
  await scene.becomes(fileOfWeb(serverLine(two, 1)));
  await scene.logged("applied");
  await scene.clock.advance(1000);
  return scene;
}

test("a watcher's next text depends on the one that it has installed", async (t) => {
  const { register, deregister, clock, becomes, logged, report } = await inSync(t);
  await register("web", three);
  await clock.advance(50);
  await logged("applied", 2);
  await deregister("web", two);
  await clock.advance(50);
  await logged("applied", 3);
  await becomes(fileOfWeb(serverLine(two, 1, " disabled"), serverLine(three, 2)));
  await clock.advance(1000);
  await register("web", two);
  await clock.advance(50);
  await becomes(fileOfWeb(serverLine(two, 1), serverLine(three, 2)));
  assert.equal(report().watch?.templates[0]?.state, "in sync");
});

test("a server that the proxy rejects is quarantined, and leaves no trace in the texts that follow", async (t) => {
  const { register, clock, becomes, logged, proxy, report } = await inSync(t);
  proxy.rejects = rejecting("10.0.0.3");
  await register("web", three);
  await clock.advance(50);
  await logged("quarantined");
  await becomes(fileOfWeb(serverLine(two, 1)));
  await register("web", four);
  await clock.advance(1000);
  await becomes(fileOfWeb(serverLine(two, 1), serverLine(four, 2)));
  const keys = report().watch?.quarantined.map(({ key }) => key);
  assert.deepEqual(keys, [`/services/web/${three}`]);
});
