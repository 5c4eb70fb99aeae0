import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { parseConfig } from "../../../lib/config/load.ts";
import { instanceOf } from "../../../lib/discover/static.ts";

const environment = { env: {}, hostName: "here" };

function parse(service: string, more = "keyspace: zk://zk") {
  const text = `${more}\npresence:\n  services: [{name: web, host: h, port: 80, ${service}}]\n`;
  return parseConfig(text, "sidekick.yaml", "yaml", environment);
}

function planned(service: string, more?: string) {
  const [first] = parse(service, more).presence?.services ?? [];
  assert.ok(first);
  return first;
}

function problemOf(service: string, more?: string): string {
  try {
    parse(service, more);
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error.message;
  }
  assert.fail("it is valid");
}

test("a service without these settings has no form and no folder of its own", () => {
  const { form, path, ...rest } = planned("id: a");
  assert.deepEqual([form, path], [undefined, undefined]);
  assert.deepEqual(Object.keys(rest).sort(), ["checks", "host", "id", "name", "port"]);
});

test("path, entry, encodedName and nodeName decide about the place and the form of the entry", () => {
  for (const [settings, form] of [
    ["path: nerve/web/", undefined],
    ["entry: session", {}],
    ["entry: sequential", { isNumbered: true }],
    ["entry: persistent", { isPersistent: true }],
    ["entry: persistentSequential", { isPersistent: true, isNumbered: true }],
    ["encodedName: true", { encodesValue: true }],
    ["entry: sequential, nodeName: i-1", { isNumbered: true, name: "i-1" }],
  ] as const) {
    assert.deepEqual(planned(settings).form, form, settings);
  }
  assert.equal(planned("path: nerve/web/").path, "/nerve/web");
});

test("options and verbatim are fields of the instance", () => {
  const service = planned(
    'options: backup, labels: {rack: 7}, verbatim: {port: "80", labels: {rack: 7}}',
  );
  const { options, labels, verbatim } = instanceOf(service);
  assert.deepEqual(
    [options, labels, verbatim],
    ["backup", { rack: "7" }, { port: "80", labels: { rack: 7 } }],
  );
});

test("what a keyspace does not have is refused", () => {
  const file = "keyspace: file:./k";
  assert.match(
    problemOf("entry: sequential", file),
    /services\[0\]\.entry: needs a zk:\/\/ or etcd:\/\/ keyspace, not file:/,
  );
  assert.match(problemOf("nodeName: a", file), /nodeName: needs/);
  assert.match(
    problemOf("encodedName: true", "keyspace: etcd://e"),
    /encodedName: needs a zk:\/\/ keyspace, not etcd:\/\/e:2379/,
  );
  planned("entry: sequential", "keyspace: etcd://e");
});

test("the keyspace of a folder counts, where others are mounted", () => {
  const mounts = "keyspace: file:./k\nmounts: {/legacy: zk://zk, /legacy/new: file:./n}";
  planned("path: /legacy/web, encodedName: true", mounts);
  assert.match(problemOf("path: /web, encodedName: true", mounts), /not file:/);
  assert.match(problemOf("path: /legacy/new/web, entry: persistent", mounts), /not file:/);
});

test("two instances cannot have one key, whatever their names", () => {
  const other = "path: /p, id: a}, {name: db, host: h, port: 81, id: a, path: p/";
  assert.match(
    problemOf(other),
    /services\[1\] has the same key in the keyspace as the one at .*: \/p\/a/,
  );
});
