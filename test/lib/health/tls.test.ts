import assert from "node:assert/strict";
import { createServer } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { eventually } from "../../support/process.ts";
import { certificate } from "./certificate.ts";
import { listening, openSockets, tcpServer } from "./servers.ts";

async function read(target: Target, tls: unknown): Promise<string> {
  const config = checkSchema.parse({ type: "http", timeout: "5s", tls });
  const reading = await createCheck(config, target, { clock: systemClock }).probe(never);
  return reading.ok ? "healthy" : reading.why;
}

async function secureServer(t: TestContext, options: object = {}) {
  const { cert, key, certPath, keyPath, folder } = await certificate(t);
  const server = createServer({ cert, key, ...options }, (_request, response) => {
    response.end("hello");
  });
  return { ...(await listening(t, server)), cert: certPath, key: keyPath, folder };
}

test("a certificate has to be trusted, unless insecure is set", async (t) => {
  const { target, cert } = await secureServer(t);
  assert.match(await read(target, true), /self-signed certificate/);
  assert.equal(await read(target, { ca: cert }), "healthy");
  assert.equal(await read(target, { insecure: true }), "healthy");
  assert.notEqual(await read(target, false), "healthy");
  await eventually("no connection is left", () => openSockets() === 0);
});

test("the name in the certificate has to be the expected one", async (t) => {
  const { target, cert } = await secureServer(t);
  assert.equal(await read(target, { ca: cert, servername: "shop.example" }), "healthy");
  assert.match(
    await read(target, { ca: cert, servername: "other.example" }),
    /does not match certificate/,
  );
});

test("a client certificate is sent if the server requests one", async (t) => {
  const client = await certificate(t);
  const options = { requestCert: true, rejectUnauthorized: true, ca: client.cert };
  const server = await secureServer(t, options);
  assert.notEqual(await read(server.target, { ca: server.cert }), "healthy");
  const tls = { ca: server.cert, cert: client.certPath, key: client.keyPath };
  assert.equal(await read(server.target, tls), "healthy");
});

test("a file that cannot be read or is not a certificate is a reading", async (t) => {
  const { target, folder, key } = await secureServer(t);
  assert.match(await read(target, { ca: join(folder, "none.pem") }), /ENOENT.*none\.pem/);
  assert.notEqual(await read(target, { cert: key, key, insecure: true }), "healthy");
});

test("a peer without TLS is a reading", async (t) => {
  const server = await tcpServer(t, (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
  assert.notEqual(await read(server.target, { insecure: true }), "healthy");
  await eventually("no connection is left", () => openSockets() === 0);
});
