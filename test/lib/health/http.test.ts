import assert from "node:assert/strict";
import type { RequestListener, ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, freePort } from "../../support/process.ts";
import { httpServer, openSockets, tcpServer } from "./servers.ts";

const check = (target: Target, more: object = {}, clock = systemClock) =>
  createCheck(checkSchema.parse({ type: "http", timeout: "5s", ...more }), target, { clock });

/** The result of a check of a server with this response: `healthy` or the reason. */
async function read(t: TestContext, answer: RequestListener, more: object = {}) {
  const server = await httpServer(t, answer);
  const reading = await check(server.target, more).probe(never);
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
  return reading.ok ? "healthy" : reading.why;
}

const status =
  (code: number, body = ""): RequestListener =>
  (_request, response) => {
    response.writeHead(code).end(body);
  };

test("statuses 200 to 399 are healthy by default", async (t) => {
  assert.equal(await read(t, status(200)), "healthy");
  assert.equal(await read(t, status(204)), "healthy");
  assert.equal(await read(t, status(302)), "healthy");
  assert.equal(await read(t, status(404)), "status 404, expected 2xx, 3xx");
  assert.equal(await read(t, status(503)), "status 503, expected 2xx, 3xx");
  assert.equal(await read(t, status(404), { expect: [404] }), "healthy");
});

test("method, path and headers are sent; the Host header is the target's by default", async (t) => {
  const seen: string[] = [];
  const record: RequestListener = (request, response) => {
    const { method, url, headers } = request;
    seen.push(`${method} ${url} ${headers.host} ${headers["x-check"]} ${headers.connection}`);
    response.end();
  };
  const server = await httpServer(t, record);
  const request = { method: "HEAD", path: "/up?deep=1", headers: { "X-Check": "yes" } };
  assert.ok((await check(server.target, request).probe(never)).ok);
  assert.ok((await check(server.target, { headers: { Host: "shop.example" } }).probe(never)).ok);
  assert.deepEqual(seen, [
    `HEAD /up?deep=1 127.0.0.1:${server.target.port} yes close`,
    "GET / shop.example undefined close",
  ]);
});

test("the body is compared with the expected one", async (t) => {
  const page = status(200, "all systems up since 12:00");
  assert.equal(await read(t, page, { contains: "systems up" }), "healthy");
  assert.equal(await read(t, page, { contains: "down" }), 'the body does not contain "down"');
  assert.equal(await read(t, page, { matches: "since \\d+:\\d+$" }), "healthy");
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
  assert.equal(await read(t, endless, { matches: "^x{65536}$" }), "healthy");
  assert.equal(await read(t, endless), "healthy");
  assert.ok(closed);
});

test("a closed port, a closed connection and another protocol are readings", async (t) => {
  const target = { host: "127.0.0.1", port: await freePort() };
  const refused = await check(target).probe(never);
  assert.match(refused.ok ? "" : refused.why, /ECONNREFUSED/);
  assert.equal(refused.ok === false && refused.isRefused, true);

  const closing = await tcpServer(t, (socket) => socket.end());
  const hungUp = await check(closing.target).probe(never);
  assert.match(hungUp.ok ? "" : hungUp.why, /closed|other side/);
  assert.equal("isRefused" in hungUp, false);

  const foreign = await tcpServer(t, (socket) => socket.write("220 smtp ready\r\n"));
  const misunderstood = await check(foreign.target).probe(never);
  assert.equal(misunderstood.ok, false);
  await eventually("no connection is left", () => openSockets() === 0);
});

/** The result of a check of a server that sends these bytes and closes the connection. */
async function readRaw(t: TestContext, response: string, more: object = {}) {
  const server = await tcpServer(t, (socket) => {
    socket.once("data", () => socket.end(response, "latin1"));
  });
  const reading = await check(server.target, more).probe(never);
  return reading.ok ? "healthy" : reading.why;
}

const answersThatCurlTakes: Readonly<Record<string, string>> = {
  "lines that end with a bare line feed": "HTTP/1.1 200 OK\nContent-Length: 2\n\nup",
  "20 kB of headers": `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\nContent-Length: 2\r\n\r\nup`,
  "90 kB in several headers": `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(15_000)}\r\nup`,
  "a folded header": "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 2\r\n\r\nup",
  "a repeated Content-Length":
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nup",
  "Content-Length beside Transfer-Encoding":
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n0\r\n\r\n",
  "Transfer-Encoding: identity":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nup",
  "a space in the name of a header": "HTTP/1.1 200 OK\r\nX Y: a\r\nContent-Length: 2\r\n\r\nup",
  "a space before a colon": "HTTP/1.1 200 OK\r\nContent-Length : 9\r\n\r\nup",
  "a control character in a header": "HTTP/1.1 200 O\x01K\r\nX: a\x02b\x1b\r\n\r\nup",
  "an unsolicited 100 Continue":
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup",
  "early hints": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nup",
  "no reason phrase": "HTTP/1.1 200\r\n\r\nup",
  "bytes after the end": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup and more",
  "chunks with an extension and a trailer":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n02;a=b\r\nup\r\n0\r\nX: y\r\n\r\n",
};

for (const [oddity, answer] of Object.entries(answersThatCurlTakes)) {
  test(`a response with ${oddity} is healthy`, async (t) => {
    assert.equal(await readRaw(t, answer, { contains: "up" }), "healthy");
    assert.equal(await readRaw(t, answer, { matches: "^up$" }), "healthy");
  });
}

const invalidAnswers: Readonly<Record<string, RegExp>> = {
  "": /^the connection was closed before a response$/,
  "HTTP/1.1 200 OK": /^the connection was closed before a response$/,
  "220 smtp ready\r\n": /^not an HTTP response: "220 smtp ready\\r"$/,
  "HTTP/1.1 2000 OK\r\n\r\n": /^not an HTTP response/,
  "HTTP/1.1 200 OK\r\nno colon\r\n\r\n": /^not a header of an HTTP response: "no colon\\r"$/,
  "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n": /^Content-Length is "two": expected a number$/,
  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup": /^the connection was closed before the end/,
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n": /before the end of the body$/,
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nup\r\n":
    /^a chunk of the body has no size$/,
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nup\r\n": /longer than its size$/,
};

for (const [answer, why] of Object.entries(invalidAnswers)) {
  test(`${JSON.stringify(answer)} is a reading with a reason`, async (t) => {
    assert.match(await readRaw(t, answer), why);
  });
}

test("headers without an end are read to a limit", async (t) => {
  const line = `HTTP/1.1 200 OK\r\nX: ${"x".repeat(110 * 1024)}`;
  assert.equal(await readRaw(t, line), "a header is longer than 100 KiB");
  const many = `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(60_000)}`;
  assert.equal(await readRaw(t, many), "the headers together are longer than 300 KiB");
});

test("a response in pieces is read to its end, so that the server is not hung up on", async (t) => {
  const ends: string[] = [];
  const slow = async (response: ServerResponse) => {
    response.once("close", () => ends.push(response.writableFinished ? "complete" : "hung up"));
    response.writeHead(200).flushHeaders();
    for (let i = 0; i < 5; i += 1) {
      await delay(5);
      response.write("piece of a body");
    }
    response.end();
  };
  assert.equal(await read(t, (_request, response) => void slow(response)), "healthy");
  assert.deepEqual(ends, ["complete"]);
});

test("a truncated body is a reading", async (t) => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  };
  const why = await read(t, cut, { contains: "whole" });
  assert.notEqual(why, "healthy");
});

test("a timeout is a reading, exact to the millisecond, and leaves no socket", async (t) => {
  const server = await httpServer(t, () => {});
  const clock = new ManualClock();
  const probing = check(server.target, { timeout: "250ms" }, clock).probe(never);
  await eventually("the request was sent", () => server.open.size === 1);
  await clock.advance(249);
  assert.equal(server.open.size, 1);
  await clock.advance(1);
  assert.deepEqual(await probing, { ok: false, tookMs: 250, why: "timed out after 250ms" });
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("a body that stalls is a timeout as well", async (t) => {
  const stalling: RequestListener = (_request, response) => {
    response.writeHead(200);
    response.write("so far ");
  };
  const server = await httpServer(t, stalling);
  const stalled = check(server.target, { timeout: "1s", contains: "so good" });
  const reading = await stalled.probe(never);
  assert.equal(reading.ok ? "" : reading.why, "timed out after 1s");
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("the time limit applies on the real clock", async (t) => {
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
  await eventually("the request was sent", () => server.open.size === 1);
  ending.abort(new Error("stop"));
  await rejected;
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("each probe uses a new connection", async (t) => {
  const connections = new Set<unknown>();
  const server = await httpServer(t, (request, response) => {
    connections.add(request.socket);
    response.end();
  });
  const repeated = check(server.target);
  for (let i = 0; i < 3; i += 1) assert.ok((await repeated.probe(never)).ok);
  assert.equal(connections.size, 3);
  await eventually("no connection is left", () => server.open.size === 0);
});

for (const invalid of [
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
  test(`${JSON.stringify(invalid)} is rejected`, () => {
    assert.equal(checkSchema.safeParse({ type: "http", ...invalid }).success, false);
  });
}
