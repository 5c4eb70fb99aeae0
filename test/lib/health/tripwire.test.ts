import assert from "node:assert/strict";
import { createServer as createHttp2Server } from "node:http2";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { checkSchema, createCheck, isTripwire } from "../../../lib/health/kinds.ts";
import { sparing } from "../../../lib/health/sparing.ts";
import { Tripwire } from "../../../lib/health/tripwire.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { grpcServer } from "./grpc-server.ts";
import { httpServer, type Listening, listening, openSockets, tcpServer } from "./servers.ts";

/** A check whose connections are kept; `closings` counts how often its server has closed one. */
function checking(t: TestContext, { target }: Pick<Listening, "target">, raw: object, most = 100) {
  const clock = new ManualClock();
  const shared = { clock, most, held: 0 };
  const counted = { closings: 0 };
  const config = checkSchema.parse({ timeout: "60s", ...raw });
  const tripwire = new Tripwire(shared, 1000, () => {
    counted.closings += 1;
  });
  const check = createCheck(config, target, { clock, tripwire });
  const ending = new AbortController();
  t.after(() => ending.abort());
  const probe = async () => (await check.probe(ending.signal)).ok;
  return { clock, shared, counted, tripwire, probe, ending };
}

/** Waits until the server has so many open connections. */
const connections = (server: Listening, count: number) =>
  eventually(`there are ${count} connections`, () => server.open.size === count);

/** Closes the connections of a server, and waits until each closing was noticed. */
async function close(server: Listening, counted: { readonly closings: number }) {
  const expected = counted.closings + server.open.size;
  for (const socket of server.open) socket.end();
  await eventually("the closing is noticed", () => counted.closings === expected);
}

test("one connection is kept until a probe after 3 s, and until the end", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" });
  assert.equal(await c.probe(), true);
  await connections(server, 1);
  const [first] = server.open;
  await c.clock.advance(2999);
  assert.equal(await c.probe(), true);
  await eventually(
    "the first is kept",
    () => server.open.size === 1 && server.open.has(first as never),
  );
  await c.clock.advance(1);
  assert.equal(await c.probe(), true);
  await eventually(
    "the first is replaced",
    () => server.open.size === 1 && !server.open.has(first as never),
  );
  assert.equal(c.shared.held, 1);
  c.ending.abort();
  await connections(server, 0);
  assert.equal(c.shared.held, 0);
  assert.equal(c.counted.closings, 0, "what the agent closes itself is no closing");
  await eventually("no connection is left", () => openSockets() === 0);
});

test("after a closing each probe replaces the connection: the server may wait for a shorter time", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" });
  await c.probe();
  await connections(server, 1);
  await close(server, c.counted);
  await c.probe();
  await connections(server, 1);
  const [second] = server.open;
  await c.probe();
  await eventually(
    "it is replaced",
    () => server.open.size === 1 && !server.open.has(second as never),
  );
});

test("a server that closes, resets or half-closes the connection is noticed, once", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" });
  for (const ending of ["end", "destroy", "resetAndDestroy"] as const) {
    await c.clock.advance(60_000);
    c.counted.closings = 0;
    await c.probe();
    await connections(server, 1);
    for (const socket of server.open) socket[ending]();
    await eventually(`${ending} is noticed`, () => c.counted.closings === 1);
    assert.equal(c.shared.held, 0);
    await connections(server, 0);
    assert.equal(c.counted.closings, 1);
  }
});

test("the connections of a server that closes them again and again are not kept for a minute", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" });
  for (let i = 0; i < 3; i += 1) {
    await c.probe();
    await connections(server, 1);
    await close(server, c.counted);
    await c.clock.advance(3000);
  }
  await c.probe();
  await connections(server, 0);
  await c.clock.advance(60_000);
  await c.probe();
  await connections(server, 1);
  for (let i = 0; i < 5; i += 1) {
    await close(server, c.counted);
    await c.clock.advance(5000);
    await c.probe();
    await connections(server, 1);
  }
});

test("only as many connections are kept as permitted, and a check that has one keeps its place", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" }, 1);
  const signal = c.ending.signal;
  await c.probe();
  const other = new Tripwire(c.shared, 1000, () => {});
  assert.equal(other.during(signal), undefined);
  await c.probe();
  await connections(server, 1);
  await close(server, c.counted);
  assert.notEqual(other.during(signal), undefined);
});

test("a server that sends without an end is not listened to", async (t) => {
  const server = await tcpServer(t, (socket) => {
    const more = () => {
      while (socket.writable && socket.write("x".repeat(16 * 1024)));
    };
    socket.on("drain", more);
    more();
  });
  const c = checking(t, server, { type: "tcp" });
  await c.probe();
  await connections(server, 0);
  assert.equal(c.counted.closings, 0);
  assert.equal(c.tripwire.during(c.ending.signal), undefined);
});

const kept = "Content-Length: 2\r\n\r\nup";
for (const [response, isKept] of [
  [`HTTP/1.1 200 OK\r\n${kept}`, true],
  ["HTTP/1.1 204 No Content\r\n\r\n", true],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n0\r\n\r\n", true],
  [`HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${kept}`, true],
  [`HTTP/1.0 200 OK\r\n${kept}`, false],
  [`HTTP/1.1 200 OK\r\nConnection: close\r\n${kept}`, false],
  [`HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n${kept}`, false],
  ["HTTP/1.1 101 Switching Protocols\r\n\r\n", false],
  [`HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n${"x".repeat(65_536)}`, false],
  [`HTTP/1.1 503 Service Unavailable\r\n${kept}`, false],
] as const) {
  const title = response.slice(0, 80).replaceAll(/\r\n/g, "|");
  test(`the connection of ${title} is ${isKept ? "kept" : "closed"}`, async (t) => {
    let request = "";
    const server = await tcpServer(t, (socket) => {
      socket.once("data", (bytes: Buffer) => {
        request = bytes.toString();
        socket.write(response);
      });
    });
    const c = checking(t, server, { type: "http", expect: ["2xx", 101] });
    const isHealthy = !response.includes(" 503 ");
    assert.equal(await c.probe(), isHealthy);
    assert.match(request, /\r\nConnection: keep-alive\r\n/);
    await connections(server, isKept ? 1 : 0);
    assert.equal(c.shared.held, isKept ? 1 : 0);
  });
}

test("without a tripwire the server is asked to close the connection", async (t) => {
  const requests: string[] = [];
  const server = await tcpServer(t, (socket) => {
    socket.once("data", (bytes: Buffer) => {
      requests.push(bytes.toString());
      socket.end("HTTP/1.1 200 OK\r\n\r\nup");
    });
  });
  const c = checking(t, server, { type: "http", contains: "up" });
  assert.equal(await c.probe(), true);
  await connections(server, 0);
  assert.equal(c.counted.closings, 0, "the end of a response is no closing");
  const closing = createCheck(checkSchema.parse({ type: "http" }), server.target, {
    clock: systemClock,
  });
  await closing.probe(c.ending.signal);
  const headers = requests.map((request) => /Connection: \S+/.exec(request)?.[0]);
  assert.deepEqual(headers, ["Connection: keep-alive", "Connection: close"]);
});

test("a probe that fails is repeated without the connection that was kept", async (t) => {
  let [status, requests] = [200, 0];
  const server = await httpServer(t, (_request, response) => {
    requests += 1;
    response.writeHead(status).end("up");
  });
  const c = checking(t, server, { type: "http" });
  assert.equal(await c.probe(), true);
  status = 500;
  assert.equal(await c.probe(), false);
  assert.equal(requests, 3);
  await connections(server, 0);
  assert.equal(await c.probe(), false);
  assert.equal(requests, 4);
  status = 200;
  assert.equal(await c.probe(), true);
  await connections(server, 1);
});

for (const behaviour of ["does not answer", "answers 503"] as const) {
  test(`a server that ${behaviour} on a second connection stays healthy, and no connection is kept`, async (t) => {
    let refused = 0;
    const server = await httpServer(t, (_request, response) => {
      if (server.open.size === 1) return void response.end("up");
      refused += 1;
      if (behaviour === "answers 503") response.writeHead(503).end();
    });
    const c = checking(t, server, { type: "http" });
    assert.equal(await c.probe(), true);
    await connections(server, 1);
    const second = c.probe();
    await eventually("the server has got the request", () => refused === 1);
    await c.clock.advance(60_000);
    assert.equal(await second, true);
    await connections(server, 0);
    assert.equal(await c.probe(), true);
    await connections(server, 0);
    assert.deepEqual([refused, c.counted.closings], [1, 0]);
  });
}

test("a process that ends during a probe is noticed", async (t) => {
  const server = await tcpServer(t, (socket) => {
    socket.once("data", () => {
      if (server.open.size === 1) return void socket.write("+PONG\r\n:0\r\n");
      // The probe is the first to notice it.
      void server.stop(socket);
    });
  });
  const c = checking(t, server, { type: "redis" });
  assert.equal(await c.probe(), true);
  await connections(server, 1);
  assert.equal(await c.probe(), false);
  assert.equal(c.counted.closings, 1);
});

test("a probe that is reset by a process that ends is repeated", async (t) => {
  let probes = 0;
  const server = await tcpServer(t, (socket) => {
    socket.once("data", () => {
      probes += 1;
      if (probes === 1) return void socket.write("+PONG\r\n:0\r\n");
      socket.resetAndDestroy();
    });
  });
  const c = checking(t, server, { type: "redis" });
  assert.equal(await c.probe(), true);
  await connections(server, 1);
  await close(server, c.counted);
  assert.equal(await c.probe(), false);
  assert.equal(probes, 3);
  assert.equal(await c.probe(), false);
  assert.equal(probes, 4, "a closing repeats one probe");
});

test("a connection is closed where the process lacks resources", async (t) => {
  const server = await tcpServer(t);
  const c = checking(t, server, { type: "tcp" });
  await c.probe();
  await connections(server, 1);
  const lacking = { ok: undefined, why: "no file descriptors left", tookMs: 0 };
  const check = sparing({ title: "", probe: async () => lacking }, c.tripwire);
  assert.equal(await check.probe(c.ending.signal), lacking);
  await connections(server, 0);
  assert.equal(c.tripwire.during(c.ending.signal), undefined);
});

test("HTTP/2: the session is kept, and its end is noticed", async (t) => {
  const answering = createHttp2Server((_request, response) => response.end("up"));
  const server = await listening(t, answering);
  const c = checking(t, server, { type: "http", http2: true, contains: "up" });
  for (let i = 0; i < 3; i += 1) assert.equal(await c.probe(), true);
  await connections(server, 1);
  await close(server, c.counted);
  await c.probe();
  await connections(server, 1);
  c.ending.abort();
  await connections(server, 0);
  await eventually("no connection is left", () => openSockets() === 0);
});

test("grpc: the connection is kept while the server reports SERVING, and its end is noticed", async (t) => {
  let status = 1;
  const target = await grpcServer(t, (_call, done) => done(null, Buffer.from([0x08, status])));
  const c = checking(t, { target }, { type: "grpc" });
  for (let i = 0; i < 3; i += 1) assert.equal(await c.probe(), true);
  assert.equal(c.shared.held, 1);
  status = 2;
  assert.equal(await c.probe(), false);
  assert.equal(c.shared.held, 0);
  status = 1;
  assert.equal(await c.probe(), true);
  target.stop();
  await eventually("the end is noticed", () => c.counted.closings === 1);
  await eventually("no connection is left", () => openSockets() === 0);
});

test("redis: the connection is kept", async (t) => {
  const server = await tcpServer(t, (socket) => {
    socket.once("data", () => socket.write("+PONG\r\n:0\r\n"));
  });
  const c = checking(t, server, { type: "redis" });
  assert.equal(await c.probe(), true);
  await connections(server, 1);
  await close(server, c.counted);
});

test("a check decides, then the setting for all; without both those whose servers offer it", () => {
  const decided = (raw: object, forAll?: boolean) => isTripwire(checkSchema.parse(raw), forAll);
  for (const type of ["http", "grpc", "redis"]) {
    assert.equal(decided({ type }), true);
    assert.equal(decided({ type }, false), false);
    assert.equal(decided({ type, tripwire: true }, false), true);
    assert.equal(decided({ type, tripwire: false }, true), false);
  }
  assert.equal(decided({ type: "tcp" }), false);
  assert.equal(decided({ type: "tcp" }, true), true);
  assert.equal(decided({ type: "tcp", tripwire: true }), true);
  assert.equal(decided({ type: "tcp", tripwire: false }, true), false);
  assert.equal(decided({ type: "exec", command: ["true"] }, true), false);
  assert.equal(decided({ type: "zookeeper" }, true), false);
});
