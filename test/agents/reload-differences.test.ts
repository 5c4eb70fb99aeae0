import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../agents/reload/differences.ts";
import { selected } from "../../agents/reload/selected.ts";
import { settings } from "../../agents/reload/settings.ts";
import { configJsonSchema } from "../../lib/config/json-schema.ts";
import type { Plan } from "../../lib/config/plan.ts";

type Shape = { readonly properties?: Readonly<Record<string, Shape>> };

/** Compared one by one, or part of the folders of services and templates. */
const elsewhere = ["presence.services", "watch.templates", "watch.root"];

test("the page of reloads has every setting of the configuration", () => {
  const named = new Set(settings.flatMap(({ setting }) => setting.split(", ")));
  const { properties = {} } = configJsonSchema() as Shape;
  const all = Object.entries(properties).flatMap(([section, { properties: own = {} }]) => {
    const isSplit = ["presence", "watch", "status"].includes(section);
    return isSplit ? Object.keys(own).map((name) => `${section}.${name}`) : [section];
  });
  const missing = all.filter((one) => !named.has(one) && !elsewhere.includes(one));
  assert.deepEqual(missing, []);
});

const memory = { url: "memory:" };
const exec = { run: ["app"], env: {}, forward: [] };
const plan = {
  keyspace: memory,
  presence: { services: [] },
  watch: { templates: [] },
  exec,
} as unknown as Plan;

function refused(before: object, after: object): readonly string[] {
  return differences({ ...plan, ...before } as Plan, { ...plan, ...after } as Plan).needRestart;
}

test("settings that only another process can use are named", () => {
  const together = { group: "edge" };
  const presence = { ...plan.presence, heed: { share: 0.5 }, tripwire: true };
  assert.deepEqual(refused({}, { presence, watch: { ...plan.watch, together } }), [
    "presence.tripwire",
    "presence.heed",
    "watch.together",
  ]);
  assert.deepEqual(refused({}, { exec: { ...exec, forward: ["SIGHUP"] } }), ["exec"]);
  assert.deepEqual(refused({ exec: undefined }, {}), ["exec"]);
});

test("the keyspace cannot be another one while turns are taken, or variables are rendered from it", () => {
  const keyspace = { url: "memory:other" };
  assert.deepEqual(refused({}, { keyspace }), []);
  const together = { watch: { ...plan.watch, together: { group: "edge" } } };
  assert.deepEqual(refused(together, { ...together, keyspace }), ["keyspace with watch.together"]);
  const variables = { exec: { ...exec, env: { A: "{{getv '/a'}}" } } };
  assert.deepEqual(refused(variables, { ...variables, keyspace }), [
    "keyspace, mounts with exec.env",
  ]);
  assert.deepEqual(refused({ watch: undefined }, { ...together, keyspace }), []);
});

test("settings of agents that do not run do not matter", () => {
  const other = {
    ...plan,
    exec: undefined,
    presence: { ...plan.presence, heed: {} },
  } as unknown as Plan;
  const [before, after] = [plan, other].map((one) => selected(one, { section: "watch" }));
  assert.ok(before && after);
  assert.deepEqual(differences(before, after), { changes: [], needRestart: [] });
});

test("each change is a clause: sections, instances and files, and settings by their names", () => {
  const service = { name: "web", host: "10.0.0.1", port: 80, checks: [] };
  const before = { ...plan, log: "info", watch: undefined } as unknown as Plan;
  const after = {
    ...plan,
    log: "debug",
    presence: { services: [service], drainDelayMs: 100 },
  } as unknown as Plan;
  assert.deepEqual(differences(before, after).changes, [
    "watch: starts",
    "instance added: web/10.0.0.1:80",
    "setting changed: log",
    "setting changed: presence.drainDelay",
  ]);
});
