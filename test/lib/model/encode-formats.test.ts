import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, hasWeights } from "../../../lib/model/encode.ts";
import type { Instance } from "../../../lib/model/instance.ts";

const instance: Instance = {
  ...{ service: "web", id: "i-1", host: "10.0.0.1", port: 80, name: "box" },
  ...{ weight: 5, labels: { rack: "7", "10": "ten" }, options: "backup" },
};

test("format nerve has Nerve's order, and the types of Nerve's configuration", () => {
  const common = '"name":"box","weight":5,"haproxy_server_options":"backup"';
  assert.equal(
    encode(instance, "nerve"),
    `{"host":"10.0.0.1","port":80,${common},"labels":{"10":"ten","rack":"7"}}`,
  );
  const verbatim = { port: "80", labels: { rack: 7 } };
  assert.equal(
    encode({ ...instance, verbatim }, "nerve"),
    `{"host":"10.0.0.1","port":"80",${common},"labels":{"rack":7}}`,
  );
  assert.equal(encode({ ...instance, verbatim }, "json"), encode(instance, "json"));
  assert.equal(
    encode({ service: "web", id: "a", host: "h", port: 1 }, "nerve"),
    '{"host":"h","port":1}',
  );
});

test("format registrator has registrator's fields, with Go's escapes", () => {
  const origin = { hostName: "c0ffee", port: 8080 };
  const labels = { tags: "a,b", zone: "<x>", b: "1" };
  assert.equal(
    encode({ ...instance, origin, labels }, "registrator"),
    '{"Name":"web","IP":"10.0.0.1","PublicPort":80,"PrivatePort":8080,"ContainerID":"c0ffee","Tags":["a","b"],"Attrs":{"b":"1","zone":"\\u003cx\\u003e"}}',
  );
});

test("only JSON with Nerve's fields has weights", () => {
  assert.deepEqual((["json", "nerve", "registrator", "address"] as const).map(hasWeights), [
    true,
    true,
    false,
    false,
  ]);
});
