import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../../lib/base/sharing-map.ts";
import { never } from "../../../../lib/base/signal.ts";
import type { Container, Containers } from "../../../../lib/clients/docker/contract.ts";
import { ContainerInstances } from "../../../../lib/discover/docker/container-instances.ts";
import { instancesOf } from "../../../../lib/discover/docker/instances.ts";
import { schema } from "../../../../lib/discover/docker/schema.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { dockerRun, host } from "./docker-run.ts";

const at = host.hostAddresses;

/** Reads containers like the discovery, and records which. */
function reading(settings: object = {}) {
  const read: string[] = [];
  const instances = new ContainerInstances((container, hostAddresses, network) => {
    read.push(container.name);
    return instancesOf(container, schema.parse(settings), { ...host, hostAddresses }, network);
  });
  return { read, start: applied(instances) };
}

/** Applies a change, on a clock that stands still. */
const applied =
  <Check>(before: ContainerInstances<Check>) =>
  (containers: Containers, hostAddresses = at) =>
    before.after(containers, hostAddresses, new ManualClock(), never);

const containers = (...all: readonly Container[]) =>
  SharingMap.of(all.map((container) => [container.id, container]));

const [a, b] = ["a", "b"].map((name) => dockerRun(`--name ${name} -p 8000:80 web`));
assert.ok(a && b);

test("only a container that has changed is read again; unchanged instances keep their identity", async () => {
  const { read, start } = reading();
  const first = await start(containers(a, b));
  const second = await applied(first)(containers(a, { ...b, state: "paused" }));
  assert.deepEqual(read, ["a", "b", "b"]);
  const [before, after] = [first.discovered(), second.discovered()];
  assert.equal(after.found[0], before.found[0]);
  assert.notEqual(after.found[1], before.found[1]);
  assert.deepEqual(after.found[1]?.standing, { state: "down", why: "it is paused" });
  assert.equal(after.found[1]?.instance, before.found[1]?.instance);
  assert.equal(after.found[1]?.checks, before.found[1]?.checks);
});

test("the instance of a container that was read again with the same result keeps its identity", async () => {
  const { start } = reading();
  const first = await start(containers(a));
  const second = await applied(first)(containers({ ...a, labels: { other: "label" } }));
  assert.equal(second.discovered().found[0], first.discovered().found[0]);
});

test("when the address of the host changes, all containers are read again", async () => {
  const { start } = reading();
  const moved = await applied(await start(containers(a, b)))(containers(a, b), {
    ipv4: "10.0.0.9",
  });
  assert.deepEqual(
    moved.discovered().found.map(({ instance }) => instance.host),
    ["10.0.0.9", "10.0.0.9"],
  );
});

test("the address in use counts as long as it is valid, whatever networks are connected", async () => {
  const { start } = reading({ address: "container" });
  const networks = { a: "10.1.0.2", b: "10.2.0.2", c: "10.3.0.2" };
  const first = dockerRun("--expose 80 web");
  const steps = ["b", "a b", "a b c", "a c", "a", ""].map(
    (names): Container => ({
      ...first,
      networks: Object.entries(networks).flatMap(([name, ipv4]) =>
        names.includes(name) ? [{ name, ipv4 }] : [],
      ),
    }),
  );
  let change = start;
  const hosts: (string | undefined)[] = [];
  for (const step of steps) {
    const current = await change(containers(step));
    hosts.push(current.discovered().found[0]?.instance.host);
    change = applied(current);
  }
  // Without b it is in two others, and no longer known by any of them.
  assert.deepEqual(hosts, ["10.2.0.2", "10.2.0.2", "10.2.0.2", undefined, "10.1.0.2", undefined]);
  const restarted = { ...steps[1], startedMs: 2000 } as Container;
  const again = await applied(await start(containers(first)))(containers(restarted));
  assert.match(again.discovered().quarantined[0]?.why ?? "", /set network to one of them/);
});

const vpn = dockerRun("--name vpn -p 8000:80 -p 127.0.0.1:9000:90 --in front=10.2.0.2 vpn");
const inVpn = (options: string) =>
  dockerRun(`--name app --net container:id-of-vpn ${options} app`, { startedMs: 2000 });

test("a container in the network of another one is registered at the address of that one", async () => {
  const app = inVpn("-l sidekick.80.name=app --expose 90 --expose 91");
  const published = (await reading().start(containers(vpn, app))).discovered();
  const ofApp = published.found.find(({ instance }) => instance.name === "app")?.instance;
  assert.deepEqual(
    [ofApp?.service, ofApp?.id, ofApp?.host, ofApp?.port],
    ["app", "hostname:app:80", "192.168.1.102", 8000],
  );
  assert.deepEqual(published.quarantined, [
    {
      what: "container app, port 90/tcp",
      why: "container vpn, which has its network, does not publish it",
    },
    {
      what: "container app, port 91/tcp",
      why: "container vpn, which has its network, does not publish it",
    },
  ]);
  const own = await reading({ address: "container" }).start(containers(vpn, app));
  const { found } = own.discovered();
  const hosts = found.flatMap(({ instance }) => (instance.name === "app" ? [instance.host] : []));
  assert.deepEqual(new Set(hosts), new Set(["10.2.0.2"]));
});

test("a container is read again when the one that has its network changes", async () => {
  const app = inVpn("--expose 80");
  const { read, start } = reading();
  const first = await start(containers(vpn, app));
  const why = async (all: readonly Container[]) => {
    const { quarantined } = (await applied(first)(containers(...all))).discovered();
    return quarantined.find(({ what }) => what === "container app, port 80/tcp")?.why;
  };
  assert.equal(await why([vpn, app]), undefined);
  assert.deepEqual(read.sort(), ["app", "vpn"], "each was read once");
  const gone = "it uses the network of another container, which is not running";
  assert.equal(await why([app]), gone);
  assert.equal(await why([{ ...vpn, state: "restarting" }, app]), gone);
  assert.equal(
    await why([{ ...vpn, startedMs: 3000 }, app]),
    "it uses the network of container vpn, which was restarted after it: restart it, too",
  );
  assert.equal(
    await why([{ ...vpn, startedMs: 2000, networkOf: app.id }, app]),
    gone,
    "a circle ends",
  );
});

test("a container in the network of one in the host's network has the ports of the host", async () => {
  const hosted = dockerRun("--name vpn --net=host vpn");
  const { found } = (await reading().start(containers(hosted, inVpn("--expose 80")))).discovered();
  assert.deepEqual(
    found.map(({ instance }) => `${instance.host}:${instance.port}`),
    ["192.168.1.102:80"],
  );
});

test("instances are in the order of the start of their containers", async () => {
  const { start } = reading();
  const late = { ...a, startedMs: 2000 };
  const { found } = (await start(containers(late, b))).discovered();
  assert.deepEqual(
    found.map(({ instance }) => instance.name),
    ["b", "a"],
  );
});

test("of duplicates the one that was started first counts; the other is quarantined", async () => {
  const { start } = reading();
  const rivals = [2000, 1000].map((startedMs, i) =>
    dockerRun(`--name rival-${i} -p 800${i}:80 -l SERVICE_ID=one web`, { startedMs }),
  );
  const { found, quarantined } = (await start(containers(...rivals))).discovered();
  assert.deepEqual(
    found.map(({ instance }) => instance.name),
    ["rival-1"],
  );
  assert.deepEqual(quarantined, [
    {
      what: "container rival-0, advertised port 8000",
      why: "another container is registered as web/one: give one of them an id of its own",
    },
  ]);
});

test("the labels of all containers have at most 20000 checks: further containers, the newest ones, are quarantined", async () => {
  const { start } = reading();
  const all = Array.from({ length: 10_003 }, (_, i) =>
    dockerRun(`--name c${i} -p ${1 + i}:80 -l SERVICE_CHECK_TCP=1 -l SERVICE_CHECK_HTTP=/ web`, {
      startedMs: i,
    }),
  );
  const plain = dockerRun("--name plain -p 20000:80 web", { startedMs: 20_000 });
  const { found, quarantined } = (await start(containers(...all, plain))).discovered();
  assert.equal(found.length, 10_001);
  assert.equal(found.at(-1)?.instance.name, "plain");
  const why = "the labels of older containers ask for 20000 checks already";
  assert.deepEqual(quarantined, [
    { what: "container c10000, advertised port 10001", why },
    { what: "container c10001, advertised port 10002", why },
    { what: "container c10002, advertised port 10003", why },
  ]);
});
