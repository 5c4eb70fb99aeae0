import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { eventually, freePort, throwAwayFolder } from "../../support/process.ts";
import { certificate } from "./certificate.ts";
import { listening, openSockets, tcpServer } from "./servers.ts";

const nowhere = { host: "app.example", port: 1 };

const check = (raw: object, target: Target = nowhere) =>
  createCheck(checkSchema.parse({ timeout: "5s", ...raw }), target, { clock: systemClock });

/** The result of a check: `healthy` or the reason. */
async function read(raw: object, target?: Target): Promise<string> {
  const reading = await check(raw, target).probe(never);
  await eventually("no connection is left", () => openSockets() === 0);
  return reading.ok ? "healthy" : reading.why;
}

/** Listens on a unix socket; the server is closed at the end of the test. */
async function atSocket(t: TestContext, server: Server): Promise<string> {
  const path = join(await throwAwayFolder(t), "app.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  return path;
}

test("a tcp check with tls needs a handshake and a trusted certificate", async (t) => {
  const { cert, key, certPath } = await certificate(t);
  const { createServer: createTlsServer } = await import("node:tls");
  const { target } = await listening(t, createTlsServer({ cert, key }));
  assert.equal(check({ type: "tcp", tls: true }, target).title, `tls 127.0.0.1:${target.port}`);
  assert.match(await read({ type: "tcp", tls: true }, target), /self-signed certificate/);
  assert.equal(await read({ type: "tcp", tls: { ca: certPath } }, target), "healthy");
  const other = { ca: certPath, servername: "other.example" };
  assert.match(await read({ type: "tcp", tls: other }, target), /does not match certificate/);
  const plain = await tcpServer(t, (socket) => socket.end("no TLS"));
  assert.notEqual(await read({ type: "tcp", tls: { insecure: true } }, plain.target), "healthy");
});

test("the host is the name that a TLS server is asked for", async (t) => {
  const { cert, key, certPath } = await certificate(t);
  const { createServer: createTlsServer } = await import("node:tls");
  const asked: unknown[] = [];
  const server = createTlsServer({ cert, key }, (socket) => {
    asked.push(socket.servername);
    socket.resume();
  });
  const unix = await atSocket(t, server);
  const target = { host: "shop.example", port: 443 };
  assert.equal(await read({ type: "tcp", unix, tls: { ca: certPath } }, target), "healthy");
  await eventually("the server has accepted", () => asked.length === 1);
  assert.deepEqual(asked, ["shop.example"]);
});

test("tcp and http checks connect to a unix socket; the address is the Host header", async (t) => {
  const hosts: unknown[] = [];
  const server = createHttpServer((request, response) => {
    hosts.push(request.headers.host);
    response.end("up");
  });
  const unix = await atSocket(t, server);
  assert.equal(check({ type: "tcp", unix }).title, `tcp unix:${unix}`);
  assert.equal(
    check({ type: "http", unix }).title,
    `http GET http://app.example:1/ at unix:${unix}`,
  );
  assert.equal(await read({ type: "tcp", unix }), "healthy");
  assert.equal(await read({ type: "http", unix, contains: "up" }), "healthy");
  assert.deepEqual(hosts, ["app.example:1"]);
  const none = `${unix}.none`;
  assert.match(await read({ type: "tcp", unix: none }), /ENOENT/);
});

test("a header of the PROXY protocol comes first, before a TLS handshake too", async (t) => {
  const received: Buffer[] = [];
  const record = await tcpServer(t, (socket) => {
    socket.once("data", (bytes: Buffer) => {
      received.push(bytes);
      socket.end();
    });
  });
  const { port } = record.target;
  const first = async (raw: object) => {
    await check(raw, record.target).probe(never);
    await eventually("a header is received", () => received.length > 0);
    return received.splice(0)[0] ?? Buffer.alloc(0);
  };
  const v1 = (await first({ type: "http", proxyProtocol: "v1" })).toString("latin1");
  assert.match(v1, new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${port}\\r\\n`));
  const v2 = await first({ type: "tcp", proxyProtocol: "v2", tls: true });
  const local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
  assert.equal(v2.toString("latin1", 0, 16), local);

  const unix = await atSocket(
    t,
    createServer((socket) => socket.once("data", (bytes: Buffer) => void received.push(bytes))),
  );
  await check({ type: "tcp", unix, proxyProtocol: "v1" }).probe(never);
  await eventually("a header is received", () => received.length > 0);
  assert.equal(received[0]?.toString(), "PROXY UNKNOWN\r\n");
});

test("an http check with http2 uses prior knowledge without TLS, and ALPN with it", async (t) => {
  const { cert, key, certPath } = await certificate(t);
  const seen: unknown[] = [];
  const servers = [createHttp2Server(), createSecureServer({ cert, key })];
  const [plain, secure] = await Promise.all(
    servers.map(async (server) => {
      server.on("stream", (stream, headers) => {
        seen.push(`${headers[":method"]} ${headers[":authority"]} ${headers["x-check"]}`);
        const endStream = headers[":method"] === "HEAD";
        stream.respond({ ":status": headers[":path"] === "/" ? 200 : 503 }, { endStream });
        if (!endStream) stream.end("all up");
      });
      return await listening(t, server as unknown as Server);
    }),
  );
  assert.ok(plain && secure);
  const http2 = { type: "http", http2: true };
  assert.equal(await read({ ...http2, contains: "all up" }, plain.target), "healthy");
  assert.equal(await read({ ...http2, path: "/x" }, plain.target), "status 503, expected 2xx, 3xx");
  assert.equal(await read({ ...http2, tls: { ca: certPath } }, secure.target), "healthy");
  const named = { headers: { Host: "shop.example", "X-Check": "yes" }, method: "HEAD" };
  assert.equal(await read({ ...http2, ...named }, plain.target), "healthy");
  assert.equal(seen.at(-1), "HEAD shop.example yes");
  assert.notEqual(await read({ type: "http" }, plain.target), "healthy");
});

test("an http check with http2 fails on another protocol, and on a body that breaks off", async (t) => {
  const { target } = await listening(
    t,
    createHttpServer((_request, response) => response.end("up")),
  );
  assert.notEqual(await read({ type: "http", http2: true }, target), "healthy");
  const closing = await tcpServer(t, (socket) => socket.end());
  assert.notEqual(await read({ type: "http", http2: true }, closing.target), "healthy");
  const breaking = createHttp2Server().on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    stream.write("half", () => stream.destroy(new Error("broken")));
  });
  const cut = await listening(t, breaking as unknown as Server);
  assert.notEqual(await read({ type: "http", http2: true }, cut.target), "healthy");
  const port = await freePort();
  assert.match(
    await read({ type: "http", http2: true }, { host: "127.0.0.1", port }),
    /ECONNREFUSED/,
  );
});

test("an endless body in HTTP/2 is read to 64 KiB and no further", async (t) => {
  const endless = createHttp2Server().on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    const more = () => {
      while (stream.writable && stream.write("x".repeat(16 * 1024)));
    };
    stream.on("drain", more);
    more();
  });
  const { target } = await listening(t, endless as unknown as Server);
  assert.equal(await read({ type: "http", http2: true, matches: "^x{65536}$" }, target), "healthy");
});
