import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, freePort } from "../../support/process.ts";
import { httpServer, openSockets, tcpServer } from "./servers.ts";

const { signal: never } = new AbortController();

const check = (target: Target, more: object = {}, clock = systemClock) =>
  createCheck(checkSchema.parse({ type: "http", timeout: "5s", ...more }), target, { clock });

/** What a check with this configuration says of a server that answers like this. */
async function read(t: TestContext, answer: RequestListener, more: object = {}) {
  const server = await httpServer(t, answer);
  const reading = await check(server.target, more).probe(never);
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
  return reading.ok ? "well" : reading.why;
}

const status =
  (code: number, body = ""): RequestListener =>
  (_request, response) => {
    response.writeHead(code).end(body);
  };

test("200 to 399 are well unless something else is said", async (t) => {
  assert.equal(await read(t, status(200)), "well");
  assert.equal(await read(t, status(204)), "well");
  assert.equal(await read(t, status(302)), "well");
  assert.equal(await read(t, status(404)), "status 404, expected 2xx, 3xx");
  assert.equal(await read(t, status(503)), "status 503, expected 2xx, 3xx");
  assert.equal(await read(t, status(404), { expect: [404] }), "well");
});

test("method, path and headers are sent; the host is the target's, or the one that is set", async (t) => {
  const seen: string[] = [];
  const note: RequestListener = (request, response) => {
    const { method, url, headers } = request;
    seen.push(`${method} ${url} ${headers.host} ${headers["x-check"]} ${headers.connection}`);
    response.end();
  };
  const server = await httpServer(t, note);
  const asked = { method: "HEAD", path: "/up?deep=1", headers: { "X-Check": "yes" } };
  assert.ok((await check(server.target, asked).probe(never)).ok);
  assert.ok((await check(server.target, { headers: { Host: "shop.example" } }).probe(never)).ok);
  assert.deepEqual(seen, [
    `HEAD /up?deep=1 127.0.0.1:${server.target.port} yes close`,
    "GET / shop.example undefined close",
  ]);
});

test("a body is looked into", async (t) => {
  const page = status(200, "all systems up since 12:00");
  assert.equal(await read(t, page, { contains: "systems up" }), "well");
  assert.equal(await read(t, page, { contains: "down" }), 'the body does not contain "down"');
  assert.equal(await read(t, page, { matches: "since \\d+:\\d+$" }), "well");
  assert.equal(await read(t, page, { matches: "^since" }), "the body does not match /^since/");
});

test("a body without an end is read to 64 KiB and no further", async (t) => {
  let closed = false;
  const endless: RequestListener = (_request, response) => {
    response.once("close", () => {
      closed = true;
    });
    const more = () => {
      while (response.writable && response.write("x".repeat(16 * 1024)));
    };
    response.on("drain", more);
    more();
  };
  assert.equal(await read(t, endless, { contains: "y" }), 'the body does not contain "y"');
  assert.equal(await read(t, endless, { matches: "^x{65536}$" }), "well");
  assert.equal(await read(t, endless), "well");
  assert.ok(closed);
});

test("a closed port, a hang-up and a peer that speaks something else are readings", async (t) => {
  const target = { host: "127.0.0.1", port: await freePort() };
  const refused = await check(target).probe(never);
  assert.match(refused.ok ? "" : refused.why, /ECONNREFUSED/);

  const rude = await tcpServer(t, (socket) => socket.end());
  const hungUp = await check(rude.target).probe(never);
  assert.match(hungUp.ok ? "" : hungUp.why, /closed|other side/);

  const foreign = await tcpServer(t, (socket) => socket.write("220 smtp ready\r\n"));
  const misunderstood = await check(foreign.target).probe(never);
  assert.equal(misunderstood.ok, false);
  await eventually("no connection is left", () => openSockets() === 0);
});

test("a truncated body is a reading", async (t) => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  };
  const why = await read(t, cut, { contains: "whole" });
  assert.notEqual(why, "well");
});

test("no answer within the time limit is a reading, to the millisecond, and leaves no socket", async (t) => {
  const server = await httpServer(t, () => {});
  const clock = new ManualClock();
  const probing = check(server.target, { timeout: "250ms" }, clock).probe(never);
  await eventually("it has asked", () => server.open.size === 1);
  await clock.advance(249);
  assert.equal(server.open.size, 1);
  await clock.advance(1);
  assert.deepEqual(await probing, { ok: false, tookMs: 250, why: "no answer within 250ms" });
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("a body that stalls is no answer in time either", async (t) => {
  const stalling: RequestListener = (_request, response) => {
    response.writeHead(200);
    response.write("so far ");
  };
  const server = await httpServer(t, stalling);
  const asking = check(server.target, { timeout: "100ms", contains: "so good" });
  const reading = await asking.probe(never);
  assert.equal(reading.ok ? "" : reading.why, "no answer within 100ms");
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("the time limit is kept on the real clock", async (t) => {
  const server = await httpServer(t, () => {});
  const reading = await check(server.target, { timeout: "100ms" }).probe(never);
  assert.ok(!reading.ok);
  assert.ok(reading.tookMs >= 98 && reading.tookMs < 600, `${reading.tookMs} ms`);
});

test("an abort ends the probe with its reason and leaves no socket", async (t) => {
  const server = await httpServer(t, () => {});
  const ending = new AbortController();
  const probing = check(server.target).probe(ending.signal);
  const rejected = assert.rejects(probing, new Error("stop"));
  await eventually("it has asked", () => server.open.size === 1);
  ending.abort(new Error("stop"));
  await rejected;
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("each probe has a connection of its own", async (t) => {
  const connections = new Set<unknown>();
  const server = await httpServer(t, (request, response) => {
    connections.add(request.socket);
    response.end();
  });
  const asking = check(server.target);
  for (let i = 0; i < 3; i += 1) assert.ok((await asking.probe(never)).ok);
  assert.equal(connections.size, 3);
  await eventually("no connection is left", () => server.open.size === 0);
});

for (const wrong of [
  { path: "healthz" },
  { path: "/a b" },
  { pth: "/" },
  { expect: [] },
  { expect: ["6xx"] },
  { expect: [99] },
  { matches: "(" },
  { headers: { "bad name": "x" } },
  { headers: { x: "a\r\nb: c" } },
  { headers: { "Content-Length": "3" } },
  { interval: "0s" },
  { timeout: "soon" },
  { rise: 0 },
  { host: "a b" },
  { tls: { certificate: "x" } },
]) {
  test(`${JSON.stringify(wrong)} is refused`, () => {
    assert.equal(checkSchema.safeParse({ type: "http", ...wrong }).success, false);
  });
}
