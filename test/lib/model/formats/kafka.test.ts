import assert from "node:assert/strict";
import { test } from "node:test";
import { isKafkaBroker, readKafka } from "../../../../lib/model/formats/kafka.ts";

const broker = {
  listener_security_protocol_map: { PLAINTEXT: "PLAINTEXT", "EXTERNAL.EU": "SASL_SSL" },
  endpoints: ["PLAINTEXT://kafka-1:9092", "EXTERNAL.EU://[fd00::1]:9093"],
  jmx_port: -1,
  features: {},
  host: "kafka-1",
  timestamp: "1732627897123",
  port: 9092,
  version: 5,
};
const read = (more: object, named?: string) => {
  const raw = readKafka({ ...broker, ...more }, named);
  assert.ok("host" in raw, JSON.stringify(raw));
  return raw;
};

test("a broker has the address of its listener in plain text, and each listener as labels", () => {
  assert.deepEqual(read({ rack: "r1" }), {
    host: "kafka-1",
    port: 9092,
    labels: {
      rack: "r1",
      "endpoint.PLAINTEXT": "kafka-1:9092",
      "protocol.PLAINTEXT": "PLAINTEXT",
      "endpoint.EXTERNAL.EU": "[fd00::1]:9093",
      "protocol.EXTERNAL.EU": "SASL_SSL",
    },
  });
});

test("a broker without a listener in plain text has the address of its first one", () => {
  const { host, port } = read({ host: null, port: -1, endpoints: ["SSL://[::1]:9093", "B://b:1"] });
  assert.deepEqual([host, port], ["::1", 9093]);
});

test("the address is that of a named listener", () => {
  const { host, port } = read({}, "EXTERNAL.EU");
  assert.deepEqual([host, port], ["fd00::1", 9093]);
  assert.deepEqual(readKafka(broker, "SSL"), { why: 'it has no listener "SSL"' });
});

test("listeners without a valid address are no labels", () => {
  const endpoints = ["A://:9092", "B://b:0", "C://c;d:1", "D", 7, "__proto__://a:1", "F://f:70000"];
  const labels = read({ endpoints }).labels as object;
  assert.deepEqual(Object.keys(labels), ["endpoint.__proto__"]);
  const none = readKafka({ ...broker, host: null, endpoints: ["A://:9092"] });
  assert.deepEqual(none, { why: 'its endpoints are ["A://:9092"]: expected NAME://host:port' });
});

test("JSON of Nerve with members of such names is none of a broker", () => {
  assert.ok(isKafkaBroker(broker));
  for (const more of [{ version: "5" }, { endpoints: "A://a:1" }, { name: "a" }, { labels: {} }]) {
    assert.ok(!isKafkaBroker({ ...broker, ...more }), JSON.stringify(more));
  }
  for (const key of ["endpoints", "version", "jmx_port", "timestamp", "host", "port"]) {
    const { [key]: _, ...rest } = broker as Record<string, unknown>;
    assert.ok(!isKafkaBroker(rest), `without ${key}`);
  }
});
