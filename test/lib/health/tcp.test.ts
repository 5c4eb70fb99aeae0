import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Target } from "../../../lib/health/contract.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { eventually, freePort } from "../../support/process.ts";
import { openSockets, tcpServer } from "./servers.ts";

const check = (target: Target, more: object = {}) =>
  createCheck(checkSchema.parse({ type: "tcp", timeout: "5s", ...more }), target, {
    clock: systemClock,
  });

test("an open port is healthy, and the connection is closed", async (t) => {
  const server = await tcpServer(t);
  const reading = await check(server.target).probe(never);
  assert.equal(reading.ok, true);
  assert.ok(reading.tookMs >= 0 && reading.tookMs < 5000);
  await eventually("the connection is closed", () => server.open.size === 0 && openSockets() === 0);
});

test("a closed port is a reading with the reason", async () => {
  const port = await freePort();
  const reading = await check({ host: "127.0.0.1", port }).probe(never);
  assert.ok(!reading.ok);
  assert.match(reading.why, new RegExp(`ECONNREFUSED 127.0.0.1:${port}`));
  assert.equal(reading.ok === false && reading.isRefused, true);
});

test("a name with several addresses that all refuse is a reading with the reason", async () => {
  const reading = await check({ host: "localhost", port: await freePort() }).probe(never);
  assert.ok(!reading.ok);
  assert.match(reading.why, /ECONNREFUSED/);
  assert.equal(reading.ok === false && reading.isRefused, true);
});

test("a name that does not exist is a reading", async () => {
  const reading = await check({ host: "unknown.invalid", port: 80 }).probe(never);
  assert.ok(!reading.ok);
  assert.match(reading.why, /unknown\.invalid/);
  assert.equal("isRefused" in reading, false);
});

test("an IPv6 address can be probed", async (t) => {
  const server = await tcpServer(t, undefined, "::1").catch(() => undefined);
  if (!server) return t.skip("this machine has no IPv6");
  const probing = check(server.target);
  assert.equal(probing.title, `tcp [::1]:${server.target.port}`);
  assert.equal((await probing.probe(never)).ok, true);
});

test("host and port of the check take precedence over the target", async (t) => {
  const { target } = await tcpServer(t);
  const probing = check({ host: "unknown.invalid", port: 1 }, target);
  assert.equal((await probing.probe(never)).ok, true);
});
