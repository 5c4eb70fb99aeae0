import assert from "node:assert/strict";
import { test } from "node:test";
import { readCurator } from "../../../../lib/model/formats/curator.ts";

const instance = { name: "web", id: "u-1", address: "10.0.0.1", port: 8080, sslPort: null };
const read = (more: object, named?: string) => {
  const raw = readCurator({ ...instance, ...more }, named);
  assert.ok("host" in raw, JSON.stringify(raw));
  return raw;
};
const spring = (metadata: unknown) => ({
  payload: { "@class": "org.x.ZookeeperInstance", id: "application-1", name: "web", metadata },
});

test("an instance of Curator has its id as the name, and no weight of its own", () => {
  const raw = read({ payload: null, registrationTimeUTC: 1, serviceType: "DYNAMIC", uriSpec: {} });
  assert.deepEqual(raw, { host: "10.0.0.1", port: 8080, name: "u-1", labels: {} });
});

test("the SSL port is the address where there is no other port, or where it is asked for", () => {
  assert.equal(read({ port: null, sslPort: 8443 }).port, 8443);
  const both = read({ sslPort: 8443 });
  assert.deepEqual([both.port, both.labels], [8080, { "endpoint.ssl": "10.0.0.1:8443" }]);
  assert.equal(read({ sslPort: 8443 }, "ssl").port, 8443);
  assert.deepEqual(readCurator(instance, "ssl"), { why: 'it has no additional endpoint "ssl"' });
  assert.equal(read({ sslPort: 8443 }, "other").port, 8080);
});

test("an instance that is not enabled, or has another status than UP, is drained", () => {
  const weights = [
    [{ enabled: false }, 0],
    [{ enabled: true }, undefined],
    [spring({ instance_status: "OUT_OF_SERVICE" }), 0],
    [spring({ instance_status: "DOWN" }), 0],
    ...["UP", "up", "", " ", null].map((status) => [spring({ instance_status: status })]),
    [spring({})],
    [spring(null)],
  ] as const;
  for (const [more, weight] of weights) {
    assert.equal(read(more).weight, weight, JSON.stringify(more));
  }
});

test("metadata of Spring Cloud become labels, else the members of the payload; a proxy's file can hold all of them", () => {
  const metadata = { zone: "a", weight: "3", note: "it's", nested: { a: 1 }, none: null };
  assert.deepEqual(read(spring(metadata)).labels, { zone: "a", weight: "3" });
  const payload = { "@class": "org.x.Details", zone: "b", size: 2, spare: true, of: [1] };
  assert.deepEqual(read({ payload }).labels, { zone: "b", size: 2, spare: true });
  for (const payload of ["text", 7, ["a"]]) assert.deepEqual(read({ payload }).labels, {});
});
