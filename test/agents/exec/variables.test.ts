import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { followVariables } from "../../../agents/exec/follow-variables.ts";
import { type Values, Variables } from "../../../agents/exec/variables.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { systemClock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never, untilAborted } from "../../../lib/base/signal.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { readCovered } from "../../../lib/keyspace/mounts/read-mounted.ts";
import { eventually } from "../../support/process.ts";

const deps = {
  env: {},
  shipped: "/nonexistent",
  resolver: { lookup: async () => [], resolveSrv: async () => [] },
};

function scene(t: TestContext, env: Readonly<Record<string, string>>) {
  const store = new MemoryStore(systemClock);
  const mounts = new Mounts(store.open());
  const variables = new Variables({ env, prefixes: [""], hidden: mounts.ownFolders }, deps);
  const render = async () => variables.render(await readCovered(mounts, [""], never), never);
  const follow = () => {
    const values = new Cell<Values | undefined>(undefined);
    const faults: string[] = [];
    const reporter = {
      report: ({ code }: Fault, waitMs: number, consequence = "") =>
        void faults.push(`${code} ${waitMs} ${consequence}`),
      resolved: () => void faults.push("resolved"),
    };
    const reporters = { keyspace: { ...reporter, resolved: () => {} }, rendering: reporter };
    const stopping = new AbortController();
    const { signal } = stopping;
    const following = { mounts, clock: systemClock, random: () => 0, reporters };
    const ended = untilAborted(signal, followVariables(variables, values, following, signal));
    t.after(async () => {
      stopping.abort();
      await ended;
    });
    return { values, faults };
  };
  const put = (key: string, value: string) => store.write(key, value);
  return { store, put, render, follow };
}

test("variables are rendered from keys and services, and hold anything but a NUL", async (t) => {
  const { put, render } = scene(t, {
    HOST: 'tcp://{{getv "/db/host"}}',
    PEERS: "{{#each services}}{{name}}:{{#each instances}} {{address}}{{/each}}{{/each}}",
    FIXED: "1",
  });
  put("/db/host", "a \"b\" 'c'\n$d");
  put("/services/web/x", "10.0.0.1:80");
  assert.deepEqual(await render(), {
    HOST: "tcp://a \"b\" 'c'\n$d",
    PEERS: "web: 10.0.0.1:80",
    FIXED: "1",
  });
  put("/db/host", "a\0b");
  await assert.rejects(render(), { code: "AGENT_VARIABLE_INVALID" });
});

test("a template that cannot be used is a fault that names its variable", (t) => {
  assert.throws(
    () => scene(t, { HOST: "{{#if}}" }),
    (error: unknown) => error instanceof Fault && error.message.includes("exec.env.HOST"),
  );
});

test("variables follow their keys, and keep their values while a key is missing", async (t) => {
  const { store, put, follow } = scene(t, { HOST: '{{getv "/db/host"}}' });
  const { values, faults } = follow();
  await eventually("the missing key is reported", () => faults.length > 0);
  assert.match(faults[0] ?? "", /^RENDER_\w+ 30000 the program has not been started yet$/);
  put("/db/host", "a");
  await eventually("the value is there", () => values.value?.HOST === "a");
  const { version } = values;
  put("/other", "x");
  put("/db/host", "b");
  await eventually("it follows", () => values.value?.HOST === "b");
  assert.equal(values.version, version + 1);
  store.remove("/db/host", undefined);
  await eventually("it is missing again", () => /keeps its variables$/.test(faults.at(-1) ?? ""));
  assert.equal(values.value?.HOST, "b");
});
