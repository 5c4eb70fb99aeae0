import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container } from "../../../../lib/clients/docker/contract.ts";
import { containerOf, type Inspected } from "../../../../lib/clients/docker/inspected.ts";

const id = "76b666971ba7e7d0b991cb8acba845a0f8330d13337f452c83a37b870145cec3";

/** The response of Docker 20.10 for a container that is published twice, without unused fields. */
const docker: Inspected = {
  Id: id,
  Name: "/web-1",
  Image: "sha256:dc31afbe202cbd2e72c3eeb16e28635602810f810bd682d0b09d4e48cb79a854",
  State: {
    Status: "running",
    Running: true,
    Paused: false,
    Restarting: false,
    StartedAt: "2026-11-21T06:09:51.729139499Z",
    Health: { Status: "healthy", Log: [{ Output: "fine" }] },
  },
  Config: {
    Image: "shop/web:1.2",
    Labels: { "sidekick.name": "shop" },
    Env: ["SERVICE_TAGS=a=b,c", "EMPTY=", "ODD"],
    ExposedPorts: { "8080/tcp": {}, "9000/tcp": {}, "80/sctp": {} },
  },
  HostConfig: {
    NetworkMode: "front",
    PortBindings: { "8080/tcp": [{ HostIp: "", HostPort: "8081" }] },
  },
  NetworkSettings: {
    Ports: {
      "9000/tcp": null,
      "8080/tcp": [
        { HostIp: "0.0.0.0", HostPort: "8081" },
        { HostIp: "::", HostPort: "8081" },
        { HostIp: "127.0.0.1", HostPort: "32768" },
      ],
      "53/udp": [{ HostIp: "10.0.0.5", HostPort: "53" }],
    },
    Networks: {
      front: { IPAddress: "10.213.0.2", GlobalIPv6Address: "" },
      back: { IPAddress: "", GlobalIPv6Address: "fd00::2" },
      gone: null,
    },
  },
};

const container: Container = {
  id,
  name: "web-1",
  image: "shop/web:1.2",
  labels: { "sidekick.name": "shop" },
  env: { SERVICE_TAGS: "a=b,c", EMPTY: "", ODD: "" },
  state: "running",
  health: { status: "healthy", output: "" },
  networks: [
    { name: "back", ipv6: "fd00::2" },
    { name: "front", ipv4: "10.213.0.2" },
    { name: "gone" },
  ],
  firstNetwork: "front",
  networkOf: undefined,
  ports: [
    { port: 53, protocol: "udp", published: [{ host: "10.0.0.5", port: 53 }] },
    {
      port: 8080,
      protocol: "tcp",
      published: [
        { host: "0.0.0.0", port: 8081 },
        { host: "::", port: 8081 },
        { host: "127.0.0.1", port: 32_768 },
      ],
    },
    { port: 9000, protocol: "tcp", published: [] },
  ],
  hostNetwork: false,
  startedMs: Date.UTC(2026, 10, 21, 6, 9, 51, 729),
  stopSignal: 15,
  stopTimeoutMs: 10_000,
  stoppingUntilMs: undefined,
  flapping: undefined,
};

test("the response of Docker is converted", () => {
  assert.deepEqual(containerOf(docker), container);
});

test("fields that an engine omits are empty", () => {
  const { name, image, labels, env, state, health, networks, ports, startedMs } = containerOf({
    Id: id,
    Config: { Labels: null, Env: null, ExposedPorts: null },
    HostConfig: { PortBindings: null },
    NetworkSettings: { Ports: null, Networks: null },
  });
  assert.deepEqual(
    { name, image, labels, env, state, health, networks, ports, startedMs },
    {
      name: "",
      image: "",
      labels: {},
      env: {},
      state: "ended",
      health: { status: "none", output: "" },
      networks: [],
      ports: [],
      startedMs: 0,
    },
  );
});

const states: readonly (readonly [state: Inspected["State"], is: Container["state"]])[] = [
  [{ Status: "running", Running: true }, "running"],
  [{ Status: "paused", Running: true, Paused: true }, "paused"],
  [{ Status: "restarting", Running: true, Restarting: true }, "restarting"],
  [{ Status: "exited", Running: false }, "ended"],
  [{ Status: "created" }, "ended"],
  [{ Status: "dead" }, "ended"],
  // Podman, which has fewer fields
  [{ Status: "running" }, "running"],
  [{ Status: "paused" }, "paused"],
];

for (const [state, is] of states) {
  test(`${JSON.stringify(state)} is ${is}`, () => {
    assert.equal(containerOf({ ...docker, State: state ?? {} }).state, is);
  });
}

const unhealthy = {
  Status: "unhealthy",
  Log: [{ Output: "ok" }, { Output: "\u001b[31mno disk\n\n" }],
};
const healths: readonly (readonly [state: Inspected["State"], is: Container["health"]])[] = [
  [{ Health: { Status: "starting", Log: [] } }, { status: "starting", output: "" }],
  [{ Health: unhealthy }, { status: "unhealthy", output: "no disk" }],
  [{ Health: { Status: "unhealthy", Log: null } }, { status: "unhealthy", output: "" }],
  [{ Health: { Status: "none" } }, { status: "none", output: "" }],
  [{ Health: null }, { status: "none", output: "" }],
  // Podman before version 4, and without a HEALTHCHECK
  [{ Healthcheck: { Status: "healthy" } }, { status: "healthy", output: "" }],
  [{ Healthcheck: { Status: "" } }, { status: "none", output: "" }],
];

for (const [state, is] of healths) {
  test(`${JSON.stringify(state)} is ${is.status}`, () => {
    assert.deepEqual(containerOf({ ...docker, State: state ?? {} }).health, is);
  });
}

test("in the host's network the ports are those to be published, else those exposed", () => {
  const HostConfig = { NetworkMode: "host", PortBindings: { "80/tcp": [{ HostPort: "8080" }] } };
  const requested = containerOf({ ...docker, HostConfig });
  assert.equal(requested.hostNetwork, true);
  assert.deepEqual(requested.networks, []);
  const open = (port: number) => ({ port, protocol: "tcp", published: [{ host: "", port }] });
  assert.deepEqual(requested.ports, [open(80)]);
  const exposed = containerOf({ ...docker, HostConfig: { NetworkMode: "host" } });
  assert.deepEqual(exposed.ports, [open(8080), open(9000)]);
});

test("an image given by its id has no name", () => {
  const named = (Image: string) => containerOf({ ...docker, Config: { Image } }).image;
  assert.equal(
    named("sha256:dc31afbe202cbd2e72c3eeb16e28635602810f810bd682d0b09d4e48cb79a854"),
    "",
  );
  assert.equal(named("dc31afbe202c"), "");
  assert.equal(named("dc31"), "dc31");
  assert.equal(named("decade"), "decade");
});

const stopSignals: readonly (readonly [given: string | number | undefined, is: number])[] = [
  [undefined, 15],
  ["", 15],
  ["SIGQUIT", 3],
  ["quit", 3],
  ["9", 9],
  [15, 15],
  ["SIGRTMIN+3", 37],
  ["SIGRTMAX-2", 62],
  ["nonsense", 15],
];

for (const [given, is] of stopSignals) {
  test(`the stop signal ${given} is ${is}`, () => {
    const Config = given === undefined ? {} : { StopSignal: given };
    assert.equal(containerOf({ ...docker, Config }).stopSignal, is);
  });
}

const stopTimeouts: readonly (readonly [seconds: number | null | undefined, ms: number])[] = [
  [undefined, 10_000],
  [null, 10_000],
  [0, 0],
  [60, 60_000],
  [-1, Number.POSITIVE_INFINITY],
];

for (const [seconds, ms] of stopTimeouts) {
  test(`the stop timeout ${seconds} is ${ms} ms`, () => {
    const Config = seconds === undefined ? {} : { StopTimeout: seconds };
    assert.equal(containerOf({ ...docker, Config }).stopTimeoutMs, ms);
  });
}
