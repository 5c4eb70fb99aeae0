import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import { systemClock } from "../../../../lib/base/clock.ts";
import { type Fault, sentence } from "../../../../lib/base/fault.ts";
import type { Containers } from "../../../../lib/clients/docker/contract.ts";
import { unreachable } from "../../../../lib/clients/docker/errors.ts";
import { followContainers } from "../../../../lib/clients/docker/follow.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";
import { startStandInEngine } from "./stand-in-engine.ts";

/** Follows an engine until it fails or the test ends. */
function following(t: TestContext, socket: string, clock = new ManualClock()) {
  const ending = new AbortController();
  const cell = new Cell<Containers | undefined>(undefined);
  const reported: string[] = [];
  const onFault = (fault: Fault) => void reported.push(fault.code);
  const deps = { clock, progress: () => {}, onFault };
  const ended = followContainers(socket, cell, deps, ending.signal);
  ended.catch(() => {});
  const stop = async () => {
    ending.abort(new Error("the test is over"));
    await assert.rejects(ended);
  };
  t.after(stop);
  const names = () => Array.from(cell.value?.values() ?? [], ({ name }) => name);
  const shows = (...expected: readonly string[]) =>
    eventually(
      `the cell has ${expected}`,
      () => cell.version > 0 && String(names()) === String(expected),
    );
  return { cell, clock, ended, reported, stop, names, shows };
}

/** Lets 15 s pass, in steps in which the engine answers each ping. */
async function untilNextList(clock: ManualClock): Promise<void> {
  for (let i = 0; i < 7; i += 1) {
    await eventually("the ping is answered", () => clock.wakesAt(clock.now() + 2000));
    await clock.advance(2000);
  }
  await eventually("the ping is answered", () => clock.wakesAt(clock.now() + 2000));
  await clock.advance(1000);
}

test("running containers are listed, and their events are followed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running").set("b", "exited").set("c", "paused");
  const { shows, cell } = following(t, engine.socket);
  await shows("a", "c");
  assert.equal(cell.version, 1, "all at once");
  engine.containers.set("b", "running");
  engine.emit("start", "b");
  await shows("a", "b", "c");
  engine.containers.delete("a");
  engine.emit("destroy", "a");
  await shows("b", "c");
});

test("a paused container is known to be paused while the engine blocks its inspection", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  const { cell, shows, clock } = following(t, engine.socket);
  await shows("a");
  await eventually("events are followed", () =>
    engine.requests.some((one) => one.startsWith("/events")),
  );
  engine.answer = (path) => (path === "/containers/a/json" ? true : undefined);
  engine.containers.set("a", "paused");
  engine.emit("pause", "a");
  const state = () => cell.value?.get("a")?.state;
  await eventually("it is paused", () => state() === "paused");
  engine.answer = () => undefined;
  engine.containers.set("a", "running");
  // The event is lost.
  await untilNextList(clock);
  await eventually("it runs", () => state() === "running");
});

test("a change of which the engine sends no event is noticed within 15 s", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running").set("b", "running");
  const { shows, cell, clock } = following(t, engine.socket);
  await shows("a", "b");
  engine.containers.set("a", "paused").set("c", "running").delete("b");
  await untilNextList(clock);
  await shows("a", "c");
  assert.equal(cell.value?.get("a")?.state, "paused");
});

test("an event during the transfer of the list is not missed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  engine.answer = (path, response) => {
    if (path !== "/containers/json") return;
    // b starts after the list was made, and its event arrives before the list.
    engine.containers.set("b", "running");
    void eventually("events are followed", () =>
      engine.requests.some((one) => one.startsWith("/events")),
    )
      .then(() => engine.emit("start", "b"))
      .then(() => response.end('[{"Id":"a"}]'));
    return true;
  };
  await following(t, engine.socket).shows("a", "b");
});

test("events are requested since a time before the list, so that none is missed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.answer = (path, response) => {
    if (path !== "/_ping") return;
    response.setHeader("Date", "Sat, 21 Nov 2026 06:09:51 GMT").end("OK");
    return true;
  };
  await following(t, engine.socket).shows();
  await eventually("events are requested", () => {
    const events = engine.requests.find((path) => path.startsWith("/events")) ?? "";
    return events.endsWith(`&since=${Date.UTC(2026, 10, 21, 6, 9, 51) / 1000}`);
  });
});

test("an engine that sends no headers before the first event, like Podman, is listed all the same", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  engine.answer = (path) => (path.startsWith("/events") ? true : undefined);
  await following(t, engine.socket).shows("a");
});

test("with 1000 containers an event costs one inspection, and a burst one for each", async (t) => {
  const engine = await startStandInEngine(t);
  for (let i = 0; i < 1000; i += 1) engine.containers.set(`c${i}`, "running");
  const { cell } = following(t, engine.socket);
  await eventually("all containers are known", () => cell.value?.size === 1000);
  assert.equal(engine.requests.length, 1003, "ping, events, list and each container");
  engine.containers.set("new", "running");
  engine.emit("start", "new");
  await eventually("the new container is known", () => cell.value?.has("new"));
  assert.equal(engine.requests.length, 1004);
  for (let i = 0; i < 20; i += 1) {
    engine.containers.set(`new${i}`, "running");
    engine.emit("start", `new${i}`);
  }
  await eventually("the new containers are known", () => cell.value?.size === 1021);
  assert.equal(engine.requests.length, 1024);
});

test("the end of the event stream is a fault; the last state is kept", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  const { shows, ended, names } = following(t, engine.socket);
  await shows("a");
  await eventually("events are followed", () =>
    engine.requests.some((one) => one.startsWith("/events")),
  );
  engine.hangUp();
  await assert.rejects(ended, { code: "DOCKER_EVENTS_ENDED", retry: true });
  assert.deepEqual(names(), ["a"]);
});

test("an engine that stops responding is a fault after 4 seconds, even if its event stream is open", async (t) => {
  const engine = await startStandInEngine(t);
  const { shows, ended, clock } = following(t, engine.socket);
  await shows();
  engine.answer = () => true;
  let settled = false;
  ended.catch(() => {
    settled = true;
  });
  await clock.advance(3999);
  assert.equal(settled, false);
  await clock.advance(1);
  await assert.rejects(ended, { code: "DOCKER_TIMEOUT", retry: true, message: /within 2s/ });
});

test("a container that cannot be inspected is reported, and the others are followed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running").set("b", "running");
  engine.answer = (path, response) => {
    if (path !== "/containers/a/json") return;
    response.writeHead(500).end('{"message":"RWLayer is unexpectedly nil"}');
    return true;
  };
  const { shows, reported, clock } = following(t, engine.socket);
  await shows("b");
  assert.deepEqual(reported, ["DOCKER_FAILED"]);
  engine.answer = () => undefined;
  await clock.advance(2000);
  await shows("a", "b");
});

test("an abort leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { shows, stop } = following(t, engine.socket);
  await shows();
  await stop();
  await eventually("all connections are closed", async () => (await engine.connections()) === 0);
});

const responses: readonly (readonly [from: string, status: number, body: string, fault: object])[] =
  [
    [
      "a proxy that denies the list",
      403,
      "Forbidden by rule",
      { code: "DOCKER_REFUSED", message: /list its containers: Forbidden by rule \(status 403\)/ },
    ],
    [
      "an engine with an error",
      500,
      '{"message":"no disk"}',
      { code: "DOCKER_FAILED", message: /no disk/ },
    ],
    ["some other server", 200, "<html>", { code: "DOCKER_UNREADABLE" }],
    ["JSON of something else", 200, "{}", { code: "DOCKER_UNREADABLE" }],
  ];

for (const [from, status, body, fault] of responses) {
  test(`the response of ${from} is a fault`, async (t) => {
    const engine = await startStandInEngine(t);
    engine.answer = (path, response) => {
      if (path !== "/containers/json") return;
      response.writeHead(status).end(body);
      return true;
    };
    const { ended, cell } = following(t, engine.socket);
    await assert.rejects(ended, { retry: true, ...fault });
    assert.equal(cell.version, 0);
  });
}

test("the fault of a socket that does not exist, or without a listener, has a hint", async (t) => {
  const folder = await throwAwayFolder(t);
  const [missing, file, foreign] = ["missing", "file", "foreign"].map((name) => join(folder, name));
  const messageFor = async (socket = "") => {
    const failure = await following(t, socket, systemClock as ManualClock).ended.catch(sentence);
    return String(failure);
  };
  assert.match(
    await messageFor(missing),
    /the socket does not exist; is the engine running, and is its socket mounted/,
  );
  await writeFile(file ?? "", "");
  assert.match(await messageFor(file), /no process listens on the socket; is the engine running\?/);
  const server = createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
  server.listen(foreign);
  await once(server, "listening");
  t.after(() => void server.close());
  assert.match(await messageFor(foreign), /is unreachable: /);
});

test("the fault of a socket without permission names the group to join", () => {
  const error = Object.assign(new Error("connect EACCES /s"), { code: "EACCES" });
  assert.match(unreachable("/s", error).message, /add the user of sidekick to the group/);
});
