import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../../lib/model/decode.ts";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { serverOf } from "../../../../lib/render/synapse/server-of.ts";

/** The instance of an entry as Nerve writes it. */
function endpointOf(id: string, json: object): Endpoint {
  const key = `/nerve/services/web/${id}`;
  const decoded = decode(
    { service: "web", id },
    { key, value: JSON.stringify(json), revision: "1" },
  );
  assert.ok("endpoint" in decoded);
  const { extras: _, ...endpoint } = decoded.endpoint;
  return endpoint;
}

test("an entry of Nerve is a server with the number of its node", () => {
  const json = { host: "127.0.0.1", port: 28100, name: "bench" };
  assert.deepEqual(serverOf(endpointOf("bench_0000000012", json)), {
    host: "127.0.0.1",
    port: 28100,
    name: "bench",
    number: 12,
  });
});

test("an entry without a name is a server without one, and has no number without a number in its key", () => {
  const json = { host: "10.0.0.1", port: 80, labels: { az: "a" } };
  const { labels, ...rest } = serverOf(endpointOf("web-1", json));
  assert.deepEqual(rest, { host: "10.0.0.1", port: 80 });
  assert.deepEqual({ ...labels }, { az: "a" });
  assert.equal(serverOf(endpointOf("00000000000000000004", json)).number, 4);
});

test("weight and options are those that the entry publishes; an instance that drains has weight 0", () => {
  const endpoint = endpointOf("a_0000000001", {
    host: "10.0.0.1",
    port: 80,
    name: "a",
    weight: 12,
  });
  assert.equal(serverOf(endpoint).weight, undefined);
  const extras = { weight: "12", serverOptions: "backup" };
  const { weight, options } = serverOf({ ...endpoint, extras });
  assert.deepEqual([weight, options], [12, "backup"]);
  assert.equal(serverOf({ ...endpoint, extras: { weight: "heavy" } }).weight, undefined);
  assert.equal(serverOf({ ...endpoint, weight: 0 }).weight, 0);
});
