import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { freePort, promised } from "../support/process.ts";
import { startScene } from "./containers.ts";
import { type RunningDiscovery, startDiscovery } from "./docker-discovery.ts";
import { image } from "./docker-engine.ts";
import { startRecordedPresence } from "./recorded-presence.ts";

/** Milliseconds within which a change of a container is discovered. */
const limitMs = 15_000;

test("the addresses of containers in a real engine", async (t) => {
  const scene = await startScene(t);
  const { docker, socket, publish } = scene;
  const plain = (name: string, ...options: readonly string[]) =>
    docker("run", "-d", `--name=${name}`, "--network=tests", ...options, image);

  await t.test(
    "a port is advertised at an address of the family in which it is published",
    async (t) => {
      const [port6, port4] = [await freePort(), await freePort()];
      const four = startDiscovery(t, { socket, ip: "127.0.0.1" });
      const six = startDiscovery(t, { socket, ip: "fd99::1" });
      const any = startDiscovery(t, { socket, ip: "localhost", loopback: true });
      await plain("six", "-p", `[::]:${port6}:8080`);
      await plain("four", "-p", `0.0.0.0:${port4}:8080`);
      await plain("both", "-p", publish);
      const both = Number((await docker("port", "both", "8080")).split(/\D+/).at(-1));
      await found(four, `127.0.0.1:${both} 127.0.0.1:${port4}`);
      await found(six, `fd99::1:${both} fd99::1:${port6}`);
      assert.equal(await status(`127.0.0.1:${port4}`), 200);
      assert.equal(await status(`[::1]:${port6}`), 200);
      await assert.rejects(status(`127.0.0.1:${port6}`), "that port refuses IPv4");
      assert.deepEqual(quarantined(four), [
        "container six, port 8080/tcp: it is published at IPv6 addresses only, and the advertised address is 127.0.0.1",
      ]);
      assert.deepEqual(quarantined(six), [
        "container four, port 8080/tcp: it is published at IPv4 addresses only, and the advertised address is fd99::1",
      ]);
      await found(any, `localhost:${both} localhost:${port4} localhost:${port6}`);
      await docker("rm", "-f", "six", "four", "both");
    },
  );

  await t.test(
    "a container keeps its address while networks are connected, and changes it without a gap",
    async (t) => {
      const here = await startRecordedPresence(t, { docker: { socket, address: "container" } });
      const values = () => here.registered("moving");
      const check = "--label=SERVICE_CHECK_TCP=true";
      await docker("network", "create", "another");
      await plain("moving", check);
      await promised("it is registered", () => values().length === 1, limitMs);
      const [first] = values();
      const there = startDiscovery(t, { socket, address: "container", network: "another" });
      await docker("network", "connect", "another", "moving");
      await promised("the engine has reported it", () => there.names().length > 0, limitMs);
      assert.deepEqual(here.registered("moving"), [first]);
      await docker("network", "disconnect", "tests", "moving");
      await promised("it has moved", () => values().length === 2, limitMs);
      assert.deepEqual(here.weightsOf("moving"), [1]);
      const [, second] = values();
      assert.notEqual(second, first);
      assert.equal(await status(second ?? ""), 200);
      const states = here.seen.length;
      await docker("rename", "moving", "moved");
      await promised("it is renamed", () => String(here.names()) === "moved", limitMs);
      assert.deepEqual(here.registered("moved"), [second]);
      assert.ok(here.seen.slice(states).every(({ weights }) => weights.size > 0));
      await docker("rm", "-f", "moved");
      await promised("it is gone", () => here.names().length === 0, limitMs);
      await docker("network", "rm", "another");
    },
  );

  await t.test(
    "a container in the network of another one is registered at the address of that one",
    async (t) => {
      const published = startDiscovery(t, { socket, ip: "127.0.0.1", explicit: true });
      const own = startDiscovery(t, { socket, address: "container", explicit: true });
      const port = await freePort();
      const sleeping = ["--entrypoint=sleep", "-p", `${port}:8080`, image, "10000"];
      await docker("run", "-d", "--name=owner", "--network=tests", ...sleeping);
      await docker(
        "run",
        "-d",
        "--name=user",
        "--network=container:owner",
        "--label=SERVICE_NAME=web",
        image,
      );
      await found(published, `127.0.0.1:${port}`);
      assert.equal(await status(`127.0.0.1:${port}`), 200);
      await promised("its own address is found", () => addresses(own).length > 0, limitMs);
      assert.equal(await status(addresses(own)), 200);
      await docker("restart", "-t", "0", "owner");
      await found(published, "");
      await promised(
        "it is quarantined",
        () => String(quarantined(published)) === restartedAfter,
        limitMs,
      );
      await docker("restart", "-t", "0", "user");
      await found(published, `127.0.0.1:${port}`);
      await docker("rm", "-f", "owner");
      await promised(
        "it is quarantined",
        () => /which is not running/.test(String(quarantined(published))),
        limitMs,
      );
      await docker("rm", "-f", "user");
    },
  );
});

const restartedAfter =
  "container user, port 8080/tcp: it uses the network of container owner, which was restarted after it: restart it, too";

function addresses({ yielded }: RunningDiscovery): string {
  const all = yielded.at(-1)?.discovered.found ?? [];
  return all
    .map(({ instance }) => `${instance.host}:${instance.port}`)
    .sort()
    .join(" ");
}

function quarantined({ yielded }: RunningDiscovery): readonly string[] {
  const all = yielded.at(-1)?.discovered.quarantined ?? [];
  return all.map(({ what, why }) => `${what}: ${why}`);
}

/** Waits until exactly these addresses are discovered, separated by spaces. */
async function found(discovery: RunningDiscovery, expected: string): Promise<void> {
  const sorted = expected.split(" ").sort().join(" ");
  await promised(`${sorted} are found`, () => addresses(discovery) === sorted, limitMs);
}

async function status(address: string): Promise<number> {
  return (await fetchOnce(`http://${address}/healthy`)).status;
}
