import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { createDockerCheck, schema as dockerCheck } from "../../lib/health/docker.ts";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, promised, start } from "../support/process.ts";
import { agreed, has, soonMs, startScene } from "./containers.ts";
import { type RunningDiscovery, startDiscovery } from "./docker-discovery.ts";
import { image } from "./docker-engine.ts";

import { startUnixProxy } from "./unix-proxy.ts";

test("discovery and checks of containers of a real engine", async (t) => {
  const scene = await startScene(t);
  const { docker, run, socket } = scene;

  await t.test(
    "20 containers that start in a burst are discovered, each once and not before it is healthy",
    async (t) => {
      const passedMs = firstPasses(t, socket);
      const found = startDiscovery(t, { socket });
      const names = Array.from({ length: 20 }, (_, i) => `web-${i}`);
      await Promise.all(names.map((name) => run(name)));
      await agreed(scene, found, has(...names));
      for (const name of names) {
        const states = statesOf(found, name).filter((state) => state !== "down");
        assert.deepEqual(states, ["up"], name);
        const atMs = await eventually(`the pass of ${name} is known`, () => passedMs().get(name));
        const upMs = firstUpMs(found, name);
        assert.ok(upMs >= atMs, `${name} was up before its HEALTHCHECK had passed`);
      }
      const ids = found.yielded.at(-1)?.discovered.found.map(({ instance }) => instance.id) ?? [];
      assert.deepEqual(ids.sort(), names.map((name) => `host:${name}:8080`).sort());
      assert.deepEqual(found.faults, []);
      await docker("rm", "-f", ...names.slice(6));
      await agreed(scene, found, has(...names.slice(0, 6)));
    },
  );

  await t.test("discovery agrees with docker ps whatever happens to containers", async (t) => {
    const found = startDiscovery(t, { socket });
    const all = ["web-0", "web-1", "web-2", "web-3", "web-4", "web-5"];
    await agreed(scene, found, has(...all));

    await docker("pause", "web-0");
    await agreed(scene, found, has(...all.slice(1)));
    assert.deepEqual(found.names("down"), ["web-0"]);
    await docker("unpause", "web-0");
    await agreed(scene, found, has(...all));

    await docker("exec", "web-1", "rm", "/healthy");
    await agreed(scene, found, (now) => !now.includes("web-1"));
    await docker("exec", "web-1", "touch", "/healthy");
    await agreed(scene, found, has(...all));

    const before = instanceNamed(found, "web-2");
    await docker("restart", "web-2");
    await agreed(scene, found, has(...all));
    assert.equal(instanceNamed(found, "web-2")?.id, before?.id);

    await docker("kill", "-s", "KILL", "web-3");
    await agreed(scene, found, (now) => !now.includes("web-3"));
    await docker("stop", "web-4");
    await agreed(scene, found, (now) => !now.includes("web-4"));
    await docker("rm", "-f", "web-5");
    await agreed(scene, found, (now) => !now.includes("web-5"));
    await docker("rename", "web-2", "shop");
    await agreed(scene, found, has("shop", "web-0", "web-1"));
    assert.equal(instanceNamed(found, "shop")?.id, "host:shop:8080");
    assert.deepEqual(found.faults, []);
  });

  await t.test("a container drains at the signal to stop, and at no other signal", async (t) => {
    const script = ["--entrypoint=sh", image, "-c", "trap '' TERM; while :; do sleep 1; done"];
    await docker("run", "-d", "--name=stubborn", "--network=tests", "-p", scene.publish, ...script);
    const found = startDiscovery(t, { socket });
    await agreed(scene, found, has("shop", "stubborn", "web-0", "web-1"));
    await docker("kill", "-s", "HUP", "web-0");
    const stopped = docker("stop", "-t", "60", "stubborn");
    await promised("it is draining", () => String(found.names("draining")) === "stubborn", soonMs);
    await docker("kill", "stubborn");
    await stopped;
    await agreed(scene, found, has("shop", "web-0", "web-1"));
    assert.deepEqual(statesOf(found, "stubborn"), ["up", "draining", "gone"]);
    assert.deepEqual(statesOf(found, "web-0"), ["up"]);
    await docker("rm", "stubborn");
  });

  await t.test("a docker check reports the state of a container", async () => {
    const probe = async (container: string, at = socket) => {
      const config = dockerCheck.parse({ type: "docker", container, socket: at, timeout: "5s" });
      const check = createDockerCheck(config, { host: "", port: 1 }, { clock: systemClock });
      const reading = await check.probe(never);
      return reading.ok ? "up" : reading.why;
    };
    assert.equal(await probe("web-0"), "up");
    assert.equal(await probe("unknown"), "it is not running");
    await docker("exec", "web-0", "rm", "/healthy");
    await eventually("its HEALTHCHECK fails", async () => {
      return (await probe("web-0")) === "its HEALTHCHECK fails";
    });
    await docker("exec", "web-0", "touch", "/healthy");
    await docker("pause", "web-0");
    assert.equal(await probe("web-0"), "it is paused");
    await docker("unpause", "web-0");
    assert.match(await probe("web-0", join(scene.folder, "nothing.sock")), /is unreachable/);
  });

  await t.test("a container answers at its advertised address", async (t) => {
    const published = startDiscovery(t, { socket, ip: "127.0.0.1" });
    const own = startDiscovery(t, { socket, address: "container", network: "tests" });
    for (const found of [published, own]) {
      await agreed(scene, found, has("shop", "web-0", "web-1"));
      const { host = "", port = 0 } = instanceNamed(found, "shop") ?? {};
      assert.equal((await fetchOnce(`http://${host}:${port}/healthy`)).status, 200);
    }
    assert.match(instanceNamed(own, "shop")?.host ?? "", /^10\.213\./);

    const port = await freePort();
    const label = [`sidekick.${port}.name=hosted`, "sidekick.8080.ignore=true"];
    const labels = label.map((one) => `--label=${one}`);
    const serve = [image, "httpd", "-f", "-p", String(port)];
    await docker("run", "-d", "--rm", "--name=hosted", "--network=host", ...labels, ...serve);
    await agreed(scene, published, has("hosted", "shop", "web-0", "web-1"));
    assert.equal(instanceNamed(published, "hosted")?.port, port);
    await eventually("it answers", async () => {
      return (await fetchOnce(`http://127.0.0.1:${port}/healthy`)).status === 404;
    });
    await docker("rm", "-f", "hosted");
    await agreed(scene, published, has("shop", "web-0", "web-1"));
  });

  await t.test("an event stream that is cut off is resumed without a loss", async (t) => {
    const proxy = await startUnixProxy(t, join(scene.folder, "proxy.sock"), socket);
    const found = startDiscovery(t, { socket: proxy.socket });
    await agreed(scene, found, has("shop", "web-0", "web-1"));
    const before = instanceNamed(found, "web-0");
    await proxy.cut();
    await docker("kill", "-s", "KILL", "web-1");
    await docker("start", "web-3");
    await eventually("it is reported", () => found.faults.length > 0);
    assert.deepEqual(found.names(), ["shop", "web-0", "web-1"]);
    await proxy.restore();
    await agreed(scene, found, has("shop", "web-0", "web-3"));
    assert.equal(instanceNamed(found, "web-0"), before);
    assert.deepEqual(statesOf(found, "web-0"), ["up"]);
  });

  await t.test(
    "an engine that does not answer is reported, and discovery continues when it answers again",
    async (t) => {
      const found = startDiscovery(t, { socket });
      await agreed(scene, found, has("shop", "web-0", "web-3"));
      const pid = Number(await docker("inspect", "web-3", "--format={{.State.Pid}}"));
      scene.signal("SIGSTOP");
      process.kill(pid, "SIGKILL");
      await eventually("it is reported", () =>
        found.faults.some((one) => /DOCKER_TIMEOUT/.test(one)),
      );
      assert.deepEqual(found.names(), ["shop", "web-0", "web-3"]);
      scene.signal("SIGCONT");
      await agreed(scene, found, has("shop", "web-0"));
    },
  );

  await t.test("discovery continues after a restart of the engine", async (t) => {
    await docker("update", "--restart=always", "web-0");
    const found = startDiscovery(t, { socket });
    await agreed(scene, found, has("shop", "web-0"));
    await scene.stop();
    await eventually("its containers are gone", () => found.names().length === 0);
    await scene.restart();
    await agreed(scene, found, has("web-0"));
    await docker("start", "shop");
    await agreed(scene, found, has("shop", "web-0"));
    assert.match(found.faults.join("\n"), /is unreachable|closed its event stream/);
  });

  await t.test("the time from the end of a container to its discovery", async (t) => {
    const found = startDiscovery(t, { socket });
    await agreed(scene, found, has("shop", "web-0"));
    const plain = ["run", "-d", "--rm", "--network=tests", "-p", scene.publish];
    const timesMs: Record<string, number[]> = { "docker kill": [], "kill -9": [] };
    for (const [how, tookMs] of Object.entries(timesMs)) {
      for (let i = 0; i < 5; i += 1) {
        const id = await docker(...plain, "--name=victim", image);
        await eventually("it is up", () => found.names().includes("victim"));
        const pid = Number(await docker("inspect", id, "--format={{.State.Pid}}"));
        const startMs = Date.now();
        const killed = how === "kill -9" ? process.kill(pid, 9) : docker("kill", "-s", "KILL", id);
        await promised("its end is discovered", () => !found.names().includes("victim"), soonMs);
        tookMs.push((found.yielded.at(-1)?.atMs ?? 0) - startMs);
        await killed;
        await eventually(
          "its name is free",
          async () => !(await docker("ps", "-a")).includes("victim"),
        );
      }
      const sorted = tookMs.sort((a, b) => a - b);
      t.diagnostic(`${how}: median ${sorted[2]} ms, worst ${sorted[4]} ms`);
    }
  });
});

/** The successive states of one container; "gone" while it is not discovered. */
function statesOf({ yielded }: RunningDiscovery, name: string): readonly string[] {
  const states: string[] = [];
  for (const { discovered } of yielded) {
    const ours = discovered.found.filter(({ instance }) => instance.name === name);
    assert.ok(ours.length <= 1, `${name} was discovered twice`);
    const state = ours[0]?.standing.state ?? "gone";
    if (state !== (states.at(-1) ?? "gone")) states.push(state);
  }
  return states;
}

function firstUpMs({ yielded }: RunningDiscovery, name: string): number {
  const up = yielded.find(({ discovered }) =>
    discovered.found.some((one) => one.instance.name === name && one.standing.state === "up"),
  );
  return up?.atMs ?? Number.NaN;
}

function instanceNamed({ yielded }: RunningDiscovery, name: string) {
  const found = yielded.at(-1)?.discovered.found ?? [];
  return found.find(({ instance }) => instance.name === name)?.instance;
}

/**
 * When the HEALTHCHECK of each container passed for the first time from now on, in milliseconds since 1970, by its name.
 * From the events of the engine: a container keeps the results of five probes only, which are not the first ones if
 * they are read late.
 */
function firstPasses(t: TestContext, socket: string): () => ReadonlyMap<string, number> {
  const healthy = start(t, [
    ...["docker", "-H", `unix://${socket}`, "events", `--since=${Math.floor(Date.now() / 1000)}`],
    ...["--filter=event=health_status: healthy"],
    "--format={{.Actor.Attributes.name}} {{.TimeNano}}",
  ]);
  return () => {
    const lines = healthy
      .stdout()
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    return new Map(lines.reverse().map(([name = "", ns]) => [name, Math.floor(Number(ns) / 1e6)]));
  };
}
