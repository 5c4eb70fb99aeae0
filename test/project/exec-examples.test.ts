import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { parseDuration } from "../../lib/base/duration.ts";
import { parseConfig } from "../../lib/config/load.ts";
import { read } from "../support/sources.ts";

const files = await read("deploy/exec/*");
const text = (name: string) => files.get(`deploy/exec/${name}`) ?? "";

const env = { KEYSPACE: "etcd://127.0.0.1:2379", POD_IP: "10.0.0.1" };
const plan = parseConfig(text("sidekick.yaml"), "sidekick.yaml", "yaml", { env, hostName: "web" });

/** What a stop may take, in seconds: agents/run.ts adds the last 5 s. */
const stopS =
  ((plan.presence?.shutdownTimeoutMs ?? 0) + (plan.exec?.stopTimeoutMs ?? 0)) / 1000 + 5;

test("deploy/exec: every supervisor gives as much time as a stop may take", () => {
  const compose = parse(text("compose.yaml"));
  assert.equal((parseDuration(compose.services.web.stop_grace_period) ?? 0) / 1000, stopS);
  const { spec } = parse(text("kubernetes.yaml")).spec.template;
  assert.equal(spec.terminationGracePeriodSeconds, stopS);
  const [, unitS] = /^TimeoutStopSec=(\d+)$/m.exec(text("app-exec@.service")) ?? [];
  assert.equal(Number(unitS), stopS);
});

test("deploy/exec: the containers have the variables of the configuration, and need no hook", () => {
  const names = [...text("sidekick.yaml").matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name).sort();
  assert.deepEqual(names, Object.keys(env).sort());
  const { environment } = parse(text("compose.yaml")).services.web;
  assert.deepEqual(Object.keys(environment).sort(), names);
  const [container] = parse(text("kubernetes.yaml")).spec.template.spec.containers;
  assert.deepEqual(container.env.map((one: { name: string }) => one.name).sort(), names);
  assert.equal(container.lifecycle, undefined);
});

test("deploy/exec: systemd asks sidekick alone to stop", () => {
  assert.match(text("app-exec@.service"), /^KillMode=mixed$/m);
});
