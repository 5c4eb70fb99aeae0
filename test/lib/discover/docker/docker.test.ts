import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import type { Fault } from "../../../../lib/base/fault.ts";
import type { Discovered } from "../../../../lib/discover/contract.ts";
import { createDocker } from "../../../../lib/discover/docker/docker.ts";
import { ownAddresses } from "../../../../lib/discover/docker/host-addresses.ts";
import { schema } from "../../../../lib/discover/docker/schema.ts";
import { isHost } from "../../../../lib/model/host.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";
import { startStandInEngine } from "../../clients/docker/stand-in-engine.ts";
import { host } from "./docker-run.ts";

/** Takes the results of a discovery one by one. */
function discovering(t: TestContext, settings: object) {
  const ending = new AbortController();
  const faults: string[] = [];
  let working = 0;
  const docker = createDocker(schema.parse(settings), {
    ...host,
    clock: systemClock,
    random: () => 0,
    ownAddresses: async () => host.hostAddresses,
    onFault: (fault: Fault) => void faults.push(fault.code),
    onWorking: () => {
      working += 1;
    },
  });
  const each = docker.discover(ending.signal)[Symbol.asyncIterator]();
  t.after(() => ending.abort(new Error("the test is over")));
  const next = async () => (await each.next()).value as Discovered | undefined;
  const stop = async () => void (await each.return?.());
  return { next, stop, faults, ending, working: () => working };
}

test("nothing is yielded before the first response of the engine", async (t) => {
  const engine = await startStandInEngine(t);
  engine.answer = (_path, response) => {
    response.destroy();
    return true;
  };
  const { next, faults, working } = discovering(t, { socket: engine.socket });
  const first = next();
  await eventually("it was retried", () => faults.length > 1);
  assert.equal(faults[0], "DOCKER_UNREACHABLE");
  assert.equal(working(), 0);
  engine.answer = () => undefined;
  assert.deepEqual(await first, { found: [], quarantined: [] });
  assert.equal(working(), 1);
});

test("an event that does not change the result is not yielded", async (t) => {
  const engine = await startStandInEngine(t);
  const { next } = discovering(t, { socket: engine.socket });
  assert.deepEqual(await next(), { found: [], quarantined: [] });
  const second = next();
  await eventually("events are followed", () =>
    engine.requests.some((one) => one.startsWith("/events")),
  );
  // This container has no port.
  engine.containers.set("a", "running");
  engine.emit("start", "a");
  await eventually("it was inspected", () => engine.requests.includes("/containers/a/json"));
  engine.answer = (path, response) => {
    if (path !== "/containers/b/json") return;
    const Ports = { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8000" }] };
    const State = { Status: "running" };
    const b = { Id: "b", Name: "/b", State, Config: { Image: "web" }, NetworkSettings: { Ports } };
    response.end(JSON.stringify(b));
    return true;
  };
  engine.emit("start", "b");
  const found = (await second)?.found ?? [];
  assert.deepEqual(
    found.map(({ instance }) => instance.id),
    ["hostname:b:80"],
  );
});

test("an abort ends the discovery and leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { next, ending } = discovering(t, { socket: engine.socket });
  await next();
  const last = next();
  ending.abort(new Error("stop"));
  await assert.rejects(last, new Error("stop"));
  await eventually("all connections are closed", async () => (await engine.connections()) === 0);
});

test("a consumer that stops early leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { next, stop } = discovering(t, { socket: engine.socket });
  await next();
  await stop();
  await eventually("all connections are closed", async () => (await engine.connections()) === 0);
});

test("a signal that has aborted opens nothing", async (t) => {
  const { next, ending, faults } = discovering(t, {
    socket: join(await throwAwayFolder(t), "none"),
  });
  ending.abort(new Error("stop"));
  await assert.rejects(next(), new Error("stop"));
  assert.deepEqual(faults, []);
});

test("the own address of this host is not a loopback address, if there is any", async () => {
  for (const own of Object.values(await ownAddresses())) {
    assert.ok(isHost(own), own);
    assert.doesNotMatch(own, /^127\.|^::1$|^fe80/);
  }
});
