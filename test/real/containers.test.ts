import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, promised } from "../support/process.ts";
import { agreed, has, type Scene, soonMs, startScene } from "./containers.ts";
import { image } from "./docker-engine.ts";
import { type RecordedPresence, startRecordedPresence } from "./recorded-presence.ts";
import { sidekick } from "./sidekick.ts";
import { startUnixProxy } from "./unix-proxy.ts";

/** An application that ignores SIGTERM. */
const stubborn = [
  ...["--entrypoint=sh", "--network=tests", image],
  ...["-c", "trap '' TERM; while :; do sleep 1; done"],
];

test("the keyspace agrees with docker ps whatever happens to the containers and the engine", async (t) => {
  const scene = await startScene(t);
  const { docker, run } = scene;
  const proxy = await startUnixProxy(t, join(scene.folder, "proxy.sock"), scene.socket);
  const here = await startRecordedPresence(t, {
    docker: { socket: proxy.socket, ip: "127.0.0.1" },
  });
  const becomes = (...names: readonly string[]) => agreed(scene, here, has(...names));
  const names = Array.from({ length: 20 }, (_, i) => `web-${i}`);

  await t.test("20 containers that start in a burst are registered, each once", async () => {
    await Promise.all(names.map((name) => run(name)));
    await becomes(...names);
    for (const name of names) assert.deepEqual(here.weightsOf(name), [1], name);
    await docker("rm", "-f", ...names.slice(5));
    await becomes(...names.slice(0, 5));
  });

  await t.test("kill, stop, pause, restart, rm -f", async () => {
    await docker("pause", "web-0");
    await becomes(...names.slice(1, 5));
    await docker("unpause", "web-0");
    await becomes(...names.slice(0, 5));
    await docker("restart", "web-1");
    await becomes(...names.slice(0, 5));
    await docker("kill", "-s", "KILL", "web-2");
    await docker("stop", "web-3");
    await docker("rm", "-f", "web-4");
    await becomes("web-0", "web-1");
  });

  await t.test("a container that is paused while its HEALTHCHECK is started", async () => {
    // Almost at any time. Docker then blocks an inspection, and unpause, until the timeout.
    const often = ["--health-interval=1ms", "--health-timeout=5s"];
    const probed = Array.from({ length: 3 }, (_, i) => `probed-${i}`);
    for (const name of probed) await run(name, ...often);
    await becomes("web-0", "web-1", ...probed);
    await Promise.all(probed.map((name) => docker("pause", name)));
    await becomes("web-0", "web-1");
    await Promise.all(probed.map((name) => docker("unpause", name)));
    await becomes("web-0", "web-1", ...probed);
    await docker("rm", "-f", ...probed);
    await becomes("web-0", "web-1");
  });

  await t.test("an event stream that is cut off is resumed without a loss", async () => {
    await proxy.cut();
    await docker("start", "web-2");
    await docker("kill", "-s", "KILL", "web-1");
    await eventually("it is reported", () => here.agent.output().includes("DOCKER_"));
    assert.deepEqual(here.names(), ["web-0", "web-1"]);
    await proxy.restore();
    await becomes("web-0", "web-2");
  });

  await t.test("an engine is restarted", async () => {
    await docker("update", "--restart=always", "web-0");
    await scene.stop();
    await eventually("all containers are deregistered", () => here.names().length === 0);
    await scene.restart();
    await becomes("web-0");
  });

  await t.test("a container that is asked to stop drains and is deregistered before it ends", (t) =>
    stopped(t, scene, here),
  );
  await t.test("sidekick drain drains and deregisters a container", (t) => drained(t, scene, here));
  await t.test("an agent that shuts down drains its containers", () => shutDown(here));
});

async function stopped(t: TestContext, scene: Scene, here: RecordedPresence): Promise<void> {
  await scene.docker("run", "-d", "--name=stubborn", "-p", scene.publish, ...stubborn);
  await agreed(scene, here, has("web-0", "stubborn"));
  const startMs = Date.now();
  const stop = scene.docker("stop", "-t", "60", "stubborn");
  await promised("it is draining", () => here.weightsOf("stubborn").at(-1) === 0, soonMs);
  t.diagnostic(`from docker stop to weight 0: ${(here.seen.at(-1)?.atMs ?? 0) - startMs} ms`);
  await promised("it is removed", () => here.weightsOf("stubborn").at(-1) === undefined, 2000);
  assert.equal(await scene.docker("inspect", "-f", "{{.State.Running}}", "stubborn"), "true");
  await scene.docker("kill", "stubborn");
  await stop;
  assert.deepEqual(here.weightsOf("stubborn"), [1, 0, undefined]);
  await scene.docker("start", "stubborn");
  await agreed(scene, here, has("web-0", "stubborn"));
  await scene.docker("rm", "-f", "stubborn");
  await agreed(scene, here, has("web-0"));
}

async function drained(t: TestContext, scene: Scene, here: RecordedPresence): Promise<void> {
  await scene.docker("run", "-d", "--name=other", "-p", scene.publish, ...stubborn);
  await agreed(scene, here, has("other", "web-0"));
  const cwd = here.folder;
  const drain = (...args: readonly string[]) =>
    sidekick(t, ["drain", "-c", "sidekick.yaml", ...args], { cwd });
  const [id = ""] = /app\/[^"\s]*other[^"\s]*/.exec(here.agent.output()) ?? [];

  const unknown = await drain("app/unknown");
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /there is no instance app\/unknown: this sidekick has app\//);

  const { code, output } = await drain(id, "--for", "2s");
  assert.equal(output, `${id} is drained and deregistered\n`);
  assert.equal(code, 0);
  await eventually("it is removed", () => here.weightsOf("other").at(-1) === undefined);
  assert.deepEqual(here.weightsOf("other"), [1, 0, undefined]);
  const status = await sidekick(t, ["status", "-c", "sidekick.yaml"], { cwd });
  assert.match(status.output, new RegExp(`${id} .*drain`));
  await scene.docker("restart", "-t", "0", "other");
  await agreed(scene, here, has("other", "web-0"));
}

async function shutDown(here: RecordedPresence): Promise<void> {
  here.agent.child.kill("SIGTERM");
  await eventually("all are draining", () => here.names().length === 0);
  assert.deepEqual([...(here.seen.at(-1)?.weights.values() ?? [])], [0, 0]);
  assert.equal(await here.agent.ended, 0);
  await eventually("all are deregistered", () => here.seen.at(-1)?.weights.size === 0);
}
