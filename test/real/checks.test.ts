import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { checkSchema, createCheck } from "../../lib/health/kinds.ts";
import { certificate } from "../lib/health/certificate.ts";
import { eventually, freePort, start, throwAwayFolder } from "../support/process.ts";

/** The result of a check: `healthy` or the reason. */
async function read(port: number, raw: object): Promise<string> {
  const config = checkSchema.parse({ timeout: "10s", ...raw });
  const target = { host: "127.0.0.1", port };
  const reading = await createCheck(config, target, { clock: systemClock }).probe(never);
  return reading.ok ? "healthy" : reading.why;
}

test("haproxy accepts the checks of every kind, and the PROXY header where it expects one", async (t) => {
  const folder = await throwAwayFolder(t);
  const { cert, key, certPath: ca } = await certificate(t);
  await writeFile(join(folder, "both.pem"), Buffer.concat([cert, key]));
  const [proxied, secure, h2c] = [await freePort(), await freePort(), await freePort()];
  const unix = join(folder, "app.sock");
  const config = `
global
  log stderr local0
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend app
  bind 127.0.0.1:${proxied} accept-proxy
  bind 127.0.0.1:${secure} accept-proxy ssl crt ${folder}/both.pem alpn h2,http/1.1
  bind 127.0.0.1:${h2c} proto h2
  bind unix@${unix} accept-proxy
  http-request return status 200 content-type text/plain lf-string "from %[src]"
`;
  await writeFile(join(folder, "haproxy.cfg"), config);
  start(t, ["haproxy", "-db", "-f", join(folder, "haproxy.cfg")]);
  await eventually("haproxy listens", async () => (await read(h2c, { type: "tcp" })) === "healthy");
  for (const proxyProtocol of ["v1", "v2"]) {
    const http = { type: "http", proxyProtocol };
    assert.equal(await read(proxied, { ...http, contains: "from 127.0.0.1" }), "healthy");
    assert.equal(await read(proxied, { type: "tcp", proxyProtocol }), "healthy");
    assert.equal(await read(1, { ...http, unix }), "healthy");
    assert.equal(await read(secure, { ...http, tls: { ca } }), "healthy");
    assert.equal(await read(secure, { ...http, tls: { ca }, http2: true }), "healthy");
    assert.equal(await read(secure, { type: "tcp", proxyProtocol, tls: { ca } }), "healthy");
  }
  assert.notEqual(await read(proxied, { type: "http" }), "healthy");
  assert.equal(await read(h2c, { type: "http", http2: true, contains: "from" }), "healthy");
});
