import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http2";
import { type TestContext, test } from "node:test";
import { Metadata, ServerCredentials, status } from "@grpc/grpc-js";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { makeCertificates } from "../../real/certificates.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, freePort, throwAwayFolder } from "../../support/process.ts";
import { type Answering, grpcServer } from "./grpc-server.ts";
import { httpServer, listening, openSockets, tcpServer } from "./servers.ts";

const check = (target: Target, more: object = {}, clock = systemClock) =>
  createCheck(checkSchema.parse({ type: "grpc", timeout: "5s", ...more }), target, { clock });

async function why(target: Target, more: object = {}): Promise<string> {
  const reading = await check(target, more).probe(never);
  await eventually("no connection is left", () => openSockets() === 0);
  return reading.ok ? "healthy" : reading.why;
}

/** The result of a check of a server with this response. */
async function read(t: TestContext, answer: Answering | undefined, more: object = {}) {
  return await why(await grpcServer(t, answer), more);
}

const responding =
  (...bytes: number[]): Answering =>
  (_call, done) =>
    done(null, Buffer.from(bytes));

test("SERVING is healthy, and any other status is not", async (t) => {
  assert.equal(await read(t, responding(0x08, 1)), "healthy");
  assert.equal(await read(t, responding(0x08, 2)), "status NOT_SERVING, expected SERVING");
  assert.equal(await read(t, responding(0x08, 3)), "status SERVICE_UNKNOWN, expected SERVING");
  assert.equal(await read(t, responding()), "status UNKNOWN, expected SERVING");
  assert.equal(await read(t, responding(0x08, 0xac, 0x02)), "status 300, expected SERVING");
});

test("an unknown field is ignored, and an invalid message is a reading", async (t) => {
  const extended = [0x12, 2, 0x61, 0x62, 0x18, 0x96, 0x01, 0x21, ...Array(8).fill(0), 0x08, 1];
  assert.equal(await read(t, responding(...extended)), "healthy");
  assert.equal(await read(t, responding(0x12, 9, 1)), "the response is not a HealthCheckResponse");
  assert.equal(await read(t, responding(0x08)), "the response is not a HealthCheckResponse");
  assert.equal(await read(t, responding(0x0f)), "the response is not a HealthCheckResponse");
});

test("a string in place of the status is not a status", async (t) => {
  assert.equal(await read(t, responding(0x0a, 1, 1)), "status UNKNOWN, expected SERVING");
});

test("the configured service is sent", async (t) => {
  const services: string[] = [];
  const service = `shop.${"Cart".repeat(50)}`;
  const record: Answering = ({ request }, done) => {
    services.push(request.toString("latin1"));
    done(null, Buffer.from([0x08, 1]));
  };
  const target = await grpcServer(t, record);
  assert.equal(await why(target), "healthy");
  assert.equal(await why(target, { service: "shop.Cart" }), "healthy");
  assert.equal(await why(target, { service }), "healthy");
  // 205 bytes, as a varint
  assert.deepEqual(services, ["", "\x0a\x09shop.Cart", `\x0a\xcd\x01${service}`]);
  assert.equal(check(target).title, `grpc 127.0.0.1:${target.port}`);
  assert.equal(
    check(target, { service: "shop.Cart" }).title,
    `grpc 127.0.0.1:${target.port} shop.Cart`,
  );
});

test("a server without the health service or without the configured service is a reading", async (t) => {
  const unknown: Answering = (_call, done) => done({ code: status.NOT_FOUND, details: "unknown" });
  assert.equal(await read(t, undefined), "the server has no grpc.health.v1.Health (UNIMPLEMENTED)");
  assert.equal(
    await read(t, unknown, { service: "shop.Cart" }),
    'the server has no service "shop.Cart" (NOT_FOUND)',
  );
});

test("any other status has the details of the server, without terminal control sequences", async (t) => {
  const failing: Answering = (_call, done) =>
    done({
      code: status.UNAVAILABLE,
      details: "die Datenbank läuft \x1b[31mnicht",
      metadata: new Metadata(),
    });
  assert.equal(await read(t, failing), "gRPC status UNAVAILABLE: die Datenbank läuft nicht");
});

test("a closed port, a closed connection and another protocol are readings", async (t) => {
  assert.match(await why({ host: "127.0.0.1", port: await freePort() }), /ECONNREFUSED/);
  const closing = await tcpServer(t, (socket) => socket.end());
  assert.notEqual(await why(closing.target), "healthy");
  const foreign = await tcpServer(t, (socket) => socket.write("220 smtp ready\r\n"));
  assert.notEqual(await why(foreign.target), "healthy");
  const http1 = await httpServer(t, (_request, response) => response.end("hello"));
  assert.notEqual(await why(http1.target), "healthy");
});

test("an HTTP/2 server without gRPC is a reading with the reason", async (t) => {
  const responses = [
    { ":status": 404 },
    { ":status": 200, "content-type": "text/html" },
    { ":status": 200, "grpc-status": "soon" },
  ];
  const server = createServer((_request, response) => {
    response.stream.respond(responses.shift());
    response.stream.end();
  });
  const { target } = await listening(t, server);
  assert.equal(await why(target), "HTTP status 404, not a gRPC response");
  assert.equal(await why(target), "the response ends without a gRPC status");
  assert.equal(await why(target), "the response ends without a gRPC status");
});

test("a response without an end is aborted at the size limit", async (t) => {
  const server = createServer((_request, response) => {
    response.on("error", () => {});
    const more = () => {
      while (response.writable && response.write("x".repeat(16 * 1024)));
    };
    response.on("drain", more);
    more();
  });
  const { target } = await listening(t, server);
  assert.equal(await why(target), "the response is longer than 64 KiB");
});

test("TLS is verified, with a client certificate if requested", async (t) => {
  const { server, client } = await makeCertificates(await throwAwayFolder(t), ["127.0.0.1"]);
  const [ca, cert, key] = await Promise.all(
    [server.ca, server.cert, server.key].map((file) => readFile(file)),
  );
  assert.ok(ca && cert && key);
  const credentials = ServerCredentials.createSsl(
    ca,
    [{ cert_chain: cert, private_key: key }],
    true,
  );
  const target = await grpcServer(t, responding(0x08, 1), credentials);
  assert.equal(await why(target, { tls: { ...client } }), "healthy");
  assert.equal(await why(target, { tls: { ...client, servername: "localhost" } }), "healthy");
  assert.match(await why(target, { tls: true }), /self-signed certificate/);
  assert.notEqual(await why(target, { tls: { ca: server.ca } }), "healthy");
  assert.notEqual(await why(target), "healthy");
});

test("a timeout is a reading, exact to the millisecond, and leaves no socket", async (t) => {
  const server = await tcpServer(t);
  const clock = new ManualClock();
  const probing = check(server.target, { timeout: "250ms" }, clock).probe(never);
  await eventually("the connection is open", () => server.open.size === 1);
  await clock.advance(249);
  assert.equal(server.open.size, 1);
  await clock.advance(1);
  assert.deepEqual(await probing, { ok: false, tookMs: 250, why: "timed out after 250ms" });
  await eventually("no connection is left", () => server.open.size === 0 && openSockets() === 0);
});

test("an abort ends the probe with its reason and leaves no socket", async (t) => {
  let received = false;
  const target = await grpcServer(t, () => {
    received = true;
  });
  const ending = new AbortController();
  const rejected = assert.rejects(check(target).probe(ending.signal), new Error("stop"));
  await eventually("the call was received", () => received);
  ending.abort(new Error("stop"));
  await rejected;
  await eventually("no connection is left", () => openSockets() === 0);
});

for (const invalid of [{ service: "a b" }, { service: "a\n" }, { path: "/" }, { tls: "yes" }]) {
  test(`${JSON.stringify(invalid)} is rejected`, () => {
    assert.equal(checkSchema.safeParse({ type: "grpc", ...invalid }).success, false);
  });
}
