import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { listening, openSockets, tcpServer } from "./servers.ts";

async function read(target: Target, tls: unknown): Promise<string> {
  const config = checkSchema.parse({ type: "http", timeout: "5s", tls });
  const reading = await createCheck(config, target, { clock: systemClock }).probe(never);
  return reading.ok ? "healthy" : reading.why;
}

/** Creates a self-signed certificate for the name `shop.example` and the address 127.0.0.1. */
async function certificate(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = "subjectAltName=DNS:shop.example,IP:127.0.0.1";
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const files = ["-keyout", key, "-out", cert, "-subj", "/CN=shop.example", "-addext", names];
  await promisify(execFile)("openssl", [...request.split(" "), ...files]);
  return { cert, key, folder };
}

async function secureServer(t: TestContext, options: object = {}) {
  const files = await certificate(t);
  const [cert, key] = [await readFile(files.cert), await readFile(files.key)];
  const server = createServer({ cert, key, ...options }, (_request, response) => {
    response.end("hello");
  });
  return { ...(await listening(t, server)), ...files };
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
  const ca = await readFile(client.cert);
  const server = await secureServer(t, { requestCert: true, rejectUnauthorized: true, ca });
  assert.notEqual(await read(server.target, { ca: server.cert }), "healthy");
  const tls = { ca: server.cert, cert: client.cert, key: client.key };
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
