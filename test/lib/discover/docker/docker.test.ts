import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import type { Fault } from "../../../../lib/base/fault.ts";
import type { Discovered } from "../../../../lib/discover/contract.ts";
import { createDocker } from "../../../../lib/discover/docker/docker.ts";
import { ownAddress } from "../../../../lib/discover/docker/own-address.ts";
import { schema } from "../../../../lib/discover/docker/schema.ts";
import { isHost } from "../../../../lib/model/endpoint.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";
import { startStandInEngine } from "../../clients/docker/stand-in-engine.ts";
import { here } from "./docker-run.ts";

/** Takes what a discovery yields one after the other. */
function discovering(t: TestContext, settings: object) {
  const ending = new AbortController();
  const faults: string[] = [];
  let working = 0;
  const docker = createDocker(schema.parse(settings), {
    ...here,
    clock: systemClock,
    random: () => 0,
    ownAddress: async () => here.hostAddress,
    onFault: (fault: Fault) => void faults.push(fault.code),
    onWorking: () => {
      working += 1;
    },
  });
  const each = docker.discover(ending.signal)[Symbol.asyncIterator]();
  t.after(() => ending.abort(new Error("the test is over")));
  const next = async () => (await each.next()).value as Discovered | undefined;
  const leave = async () => void (await each.return?.());
  return { next, leave, faults, ending, working: () => working };
}

test("nothing is said before the engine has answered; then all of it", async (t) => {
  const engine = await startStandInEngine(t);
  engine.answer = (_path, response) => {
    response.destroy();
    return true;
  };
  const { next, faults, working } = discovering(t, { socket: engine.socket });
  const first = next();
  await eventually("it was tried more than once", () => faults.length > 1);
  assert.equal(faults[0], "DOCKER_UNREACHABLE");
  assert.equal(working(), 0);
  engine.answer = () => undefined;
  assert.deepEqual(await first, { found: [], quarantined: [] });
  assert.equal(working(), 1);
});

test("what does not change what is found is not yielded", async (t) => {
  const engine = await startStandInEngine(t);
  const { next } = discovering(t, { socket: engine.socket });
  assert.deepEqual(await next(), { found: [], quarantined: [] });
  const second = next();
  await eventually("somebody listens", () => engine.asked.some((one) => one.startsWith("/events")));
  // It has no port.
  engine.containers.set("a", "running");
  engine.tell("start", "a");
  await eventually("it was looked at", () => engine.asked.includes("/containers/a/json"));
  engine.answer = (path, response) => {
    if (path !== "/containers/b/json") return;
    const Ports = { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8000" }] };
    const State = { Status: "running" };
    const b = { Id: "b", Name: "/b", State, Config: { Image: "web" }, NetworkSettings: { Ports } };
    response.end(JSON.stringify(b));
    return true;
  };
  engine.tell("start", "b");
  const found = (await second)?.found ?? [];
  assert.deepEqual(
    found.map(({ instance }) => instance.id),
    ["hostname:b:80"],
  );
});

test("it ends with its signal, and leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { next, ending } = discovering(t, { socket: engine.socket });
  await next();
  const last = next();
  ending.abort(new Error("stop"));
  await assert.rejects(last, new Error("stop"));
  await eventually("all are closed", async () => (await engine.connections()) === 0);
});

test("whoever no longer wants to know leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { next, leave } = discovering(t, { socket: engine.socket });
  await next();
  await leave();
  await eventually("all are closed", async () => (await engine.connections()) === 0);
});

test("a signal that has aborted opens nothing", async (t) => {
  const { next, ending, faults } = discovering(t, {
    socket: join(await throwAwayFolder(t), "none"),
  });
  ending.abort(new Error("stop"));
  await assert.rejects(next(), new Error("stop"));
  assert.deepEqual(faults, []);
});

test("this machine's own address is one that others could use, if there is any", async () => {
  const own = await ownAddress();
  assert.ok(own === undefined || isHost(own), own);
  assert.doesNotMatch(own ?? "", /^127\./);
});
