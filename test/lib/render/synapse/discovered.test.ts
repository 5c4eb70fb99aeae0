import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { type DiscoveredService, serversIn } from "../../../../lib/render/synapse/discovered.ts";
import { plainService } from "./generator.ts";

const instance = (key: string, rest: Partial<Endpoint> = {}): Endpoint => {
  const id = key.slice(key.lastIndexOf("/") + 1);
  const address = { host: "10.0.0.1", port: 80, address: "10.0.0.1:80", server: "s" };
  return { service: "web", id, key, name: id, weight: 1, labels: {}, ...address, ...rest };
};

/** The servers that are used, each as `host:port`, and the keys of all. */
function used(change: Partial<DiscoveredService>, ...instances: readonly Endpoint[]) {
  const service = { ...plainService, ...change };
  const { servers, keys } = serversIn([service], [{ name: "web", instances }]);
  const found = servers.get("web") ?? [];
  return {
    servers: found.map(({ host, port }) => `${host}:${port}`),
    keys: Object.fromEntries(keys),
  };
}

const { rules } = plainService;
const defaultServers = [{ host: "d", port: 1 }];
const configured = instance("services.web/d:1", { host: "d", port: 1 });

test("default servers are used in place of none, or beside others, but are not discovered twice", () => {
  const found = instance("/web/a");
  const withDefaults = { rules: { ...rules, defaultServers } };
  assert.deepEqual(used(withDefaults, configured), { servers: ["d:1"], keys: {} });
  assert.deepEqual(used(withDefaults, found).servers, ["10.0.0.1:80"]);
  const keeping = { rules: { ...rules, defaultServers, keepsDefaults: true } };
  assert.deepEqual(used(keeping, found).servers, ["10.0.0.1:80", "d:1"]);
  assert.deepEqual(used({}).servers, []);
});

test("a host name is a server at each of its addresses where the method resolves names, and itself elsewhere", () => {
  const name = instance("services.web/n:80", { host: "n", port: 80 });
  const resolved = ["10.0.0.2", "10.0.0.3"].map((host) => ({ ...name, host }));
  const one = { ...name, resolved };
  const dns = { hasOwnInstances: true, resolves: true };
  assert.deepEqual(used(dns, one).servers, ["10.0.0.2:80", "10.0.0.3:80"]);
  assert.deepEqual(used({ hasOwnInstances: true }, one).servers, ["n:80"]);
});

test("the filters of a watcher concern the entries of its folder", () => {
  const filters = { "/here": [{ label: "az", value: "b", isEqual: true }] };
  const [other, same] = [instance("/here/a"), instance("/there/a", { host: "10.0.0.2" })];
  const matching = instance("/here/b", { host: "10.0.0.3", labels: { az: "b" } });
  assert.deepEqual(used({ filters }, other, matching, same).servers, [
    "10.0.0.3:80",
    "10.0.0.2:80",
  ]);
});

test("servers have the keys of their entries, by the name that they have in the file", () => {
  const found = instance("/web/a", { name: "own" });
  const overridden = { rules: { ...rules, portOverride: 99 } };
  assert.deepEqual(used(overridden, found), {
    servers: ["10.0.0.1:99"],
    keys: { "web/own_10.0.0.1:99": "/web/a" },
  });
});
