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
  const told: string[] = [];
  const onFault = (fault: Fault) => void told.push(fault.code);
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
      `it shows ${expected}`,
      () => cell.version > 0 && String(names()) === String(expected),
    );
  return { cell, clock, ended, told, stop, names, shows };
}

test("what runs is listed, and what happens is seen", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running").set("b", "exited").set("c", "paused");
  const { shows, cell } = following(t, engine.socket);
  await shows("a", "c");
  assert.equal(cell.version, 1, "all at once");
  engine.containers.set("b", "running");
  engine.tell("start", "b");
  await shows("a", "b", "c");
  engine.containers.delete("a");
  engine.tell("destroy", "a");
  await shows("b", "c");
});

test("what happens while the list is on its way is not missed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  engine.answer = (path, response) => {
    if (path !== "/containers/json") return;
    // The list was made, and only then did b start, which was told before the list was read.
    engine.containers.set("b", "running");
    void eventually("somebody listens", () => engine.asked.some((one) => one.startsWith("/events")))
      .then(() => engine.tell("start", "b"))
      .then(() => response.end('[{"Id":"a"}]'));
    return true;
  };
  await following(t, engine.socket).shows("a", "b");
});

test("events are asked for from the engine's time before the list, so that none is lost between", async (t) => {
  const engine = await startStandInEngine(t);
  engine.answer = (path, response) => {
    if (path !== "/_ping") return;
    response.setHeader("Date", "Sat, 21 Nov 2026 06:09:51 GMT").end("OK");
    return true;
  };
  await following(t, engine.socket).shows();
  await eventually("they are", () => {
    const events = engine.asked.find((path) => path.startsWith("/events")) ?? "";
    return events.endsWith(`&since=${Date.UTC(2026, 10, 21, 6, 9, 51) / 1000}`);
  });
});

test("an engine that says nothing before there are events, as Podman does, is listed all the same", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  engine.answer = (path) => (path.startsWith("/events") ? true : undefined);
  await following(t, engine.socket).shows("a");
});

test("with 1000 containers an event is one look, and a burst one for each", async (t) => {
  const engine = await startStandInEngine(t);
  for (let i = 0; i < 1000; i += 1) engine.containers.set(`c${i}`, "running");
  const { cell } = following(t, engine.socket);
  await eventually("all are there", () => cell.value?.size === 1000);
  assert.equal(engine.asked.length, 1003, "ping, events, list, and each of them");
  engine.containers.set("new", "running");
  engine.tell("start", "new");
  await eventually("it is there", () => cell.value?.has("new"));
  assert.equal(engine.asked.length, 1004);
  for (let i = 0; i < 20; i += 1) {
    engine.containers.set(`new${i}`, "running");
    engine.tell("start", `new${i}`);
  }
  await eventually("they are there", () => cell.value?.size === 1021);
  assert.equal(engine.asked.length, 1024);
});

test("a stream that ends is a fault; the last state stays", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running");
  const { shows, ended, names } = following(t, engine.socket);
  await shows("a");
  await eventually("somebody listens", () => engine.asked.some((one) => one.startsWith("/events")));
  engine.hangUp();
  await assert.rejects(ended, { code: "DOCKER_EVENTS_ENDED", retry: true });
  assert.deepEqual(names(), ["a"]);
});

test("an engine that no longer answers is a fault after 4 seconds, though its stream is open", async (t) => {
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

test("a container that the engine cannot describe is told of, and the others are followed", async (t) => {
  const engine = await startStandInEngine(t);
  engine.containers.set("a", "running").set("b", "running");
  engine.answer = (path, response) => {
    if (path !== "/containers/a/json") return;
    response.writeHead(500).end('{"message":"RWLayer is unexpectedly nil"}');
    return true;
  };
  const { shows, told, clock } = following(t, engine.socket);
  await shows("b");
  assert.deepEqual(told, ["DOCKER_FAILED"]);
  engine.answer = () => undefined;
  await clock.advance(2000);
  await shows("a", "b");
});

test("the end leaves no connection", async (t) => {
  const engine = await startStandInEngine(t);
  const { shows, stop } = following(t, engine.socket);
  await shows();
  await stop();
  await eventually("all are closed", async () => (await engine.connections()) === 0);
});

const answers: readonly (readonly [says: string, status: number, body: string, fault: object])[] = [
  [
    "a proxy that lets nobody list",
    403,
    "Forbidden by rule",
    { code: "DOCKER_REFUSED", message: /list its containers: Forbidden by rule \(status 403\)/ },
  ],
  [
    "an engine in trouble",
    500,
    '{"message":"no disk"}',
    { code: "DOCKER_FAILED", message: /no disk/ },
  ],
  ["some other server", 200, "<html>", { code: "DOCKER_UNREADABLE" }],
  ["JSON of something else", 200, "{}", { code: "DOCKER_UNREADABLE" }],
];

for (const [says, status, body, fault] of answers) {
  test(`${says} is a fault`, async (t) => {
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

test("a socket that is not there, or that nobody listens on, says what to do", async (t) => {
  const folder = await throwAwayFolder(t);
  const [missing, file, foreign] = ["missing", "file", "foreign"].map((name) => join(folder, name));
  const said = async (socket = "") => {
    const failure = await following(t, socket, systemClock as ManualClock).ended.catch(sentence);
    return String(failure);
  };
  assert.match(
    await said(missing),
    /no such socket; is the engine running, and is its socket mounted/,
  );
  await writeFile(file ?? "", "");
  assert.match(await said(file), /nobody listens on the socket; is the engine running\?/);
  const server = createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
  server.listen(foreign);
  await once(server, "listening");
  t.after(() => void server.close());
  assert.match(await said(foreign), /cannot be reached: /);
});

test("a socket that may not be opened says whom to ask", () => {
  const error = Object.assign(new Error("connect EACCES /s"), { code: "EACCES" });
  assert.match(unreachable("/s", error).message, /let the user of sidekick into the group/);
});
