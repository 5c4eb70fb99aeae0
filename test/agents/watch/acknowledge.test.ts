import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { denial } from "../../support/faulty-keyspace.ts";
import { watchScene } from "./scene.ts";

const draining = '{"host":"10.0.0.2","port":80,"weight":0}';
const key = "/services/web/10.0.0.2:80";

test("a watcher names its folders, and acknowledges a drain once its proxy serves it", async (t) => {
  const { run, clock, register, store, entry, logged, proxy } = await watchScene(t);
  await register("web", "10.0.0.1:80");
  const { stop, ended } = run();
  await clock.advance(0);
  await logged("applied");
  assert.equal(await entry(), '{"prefixes":["/services"],"drained":{}}');

  proxy.rejects = () => new Fault("PROXY_REJECTED", true, "not now");
  await clock.advance(1000);
  store.write(key, draining);
  await clock.advance(0);
  await logged("fault");
  assert.equal(await entry(), '{"prefixes":["/services"],"drained":{}}', "not verified yet");

  proxy.rejects = () => undefined;
  await clock.advance(1500);
  await logged("recovered");
  await clock.advance(0);
  assert.equal(await entry(), `{"prefixes":["/services"],"drained":{"${key}":"3"}}`);
  stop();
  await ended;
  assert.equal(await entry(), undefined, "it is removed with the watcher");
});

test("the entry of a watcher is written again after its session has expired", async (t) => {
  const { run, clock, store, entry, logged } = await watchScene(t);
  run();
  await clock.advance(0);
  await logged("applied");
  store.expireSessions();
  await clock.advance(0);
  assert.equal(await entry(), undefined);
  await clock.advance(500);
  assert.equal(await entry(), '{"prefixes":["/services"],"drained":{}}');
});

test("a watcher that may not write its entry reports that once, and serves all the same", async (t) => {
  const scene = await watchScene(t, {
    before: (keyspace) => {
      keyspace.denied = () => denial("memory:");
    },
  });
  const { run, clock, register, logged, count, log, report } = scene;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(600_000);
  await logged("applied");
  assert.equal(count("watcher_entry_denied"), 1);
  assert.equal(count("fault"), 0);
  const { message = "" } = log.lines.find(({ event }) => event === "watcher_entry_denied") ?? {};
  assert.match(message, /set watch\.acknowledge to false/);
  assert.equal(report().watch?.templates[0]?.state, "in sync");
});

test("a watcher with acknowledge: false has no entry", async (t) => {
  const { run, clock, entry, logged } = await watchScene(t, { plan: { acknowledge: false } });
  run();
  await clock.advance(0);
  await logged("applied");
  assert.equal(await entry(), undefined);
});
