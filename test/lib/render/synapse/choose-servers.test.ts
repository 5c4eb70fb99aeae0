import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ServerRules,
  selectedServers,
  usedServers,
} from "../../../../lib/render/synapse/choose-servers.ts";
import { server, servers } from "./settings.ts";

const rules = (change: Partial<ServerRules> = {}): ServerRules => ({
  defaultServers: [],
  keepsDefaults: false,
  keepsPrevious: true,
  labelFilters: [],
  electsLeader: false,
  ...change,
});

const [found, defaults] = [servers("a", "b"), servers("x")];

test("discovered servers are used in place of default ones", () => {
  assert.deepEqual(usedServers(rules({ defaultServers: defaults }), found), found);
});

test("default servers are used while none are discovered, whatever was before", () => {
  assert.deepEqual(usedServers(rules({ defaultServers: defaults }), [], found), defaults);
});

test("default servers are used beside discovered ones if they are to be kept", () => {
  const keeping = rules({ defaultServers: defaults, keepsDefaults: true });
  assert.deepEqual(usedServers(keeping, found), [...found, ...defaults]);
  assert.deepEqual(usedServers(keeping, []), defaults);
});

test("the previous servers are used while none are discovered and there are no default ones", () => {
  assert.deepEqual(usedServers(rules(), [], found), found);
  assert.deepEqual(usedServers(rules(), []), []);
});

test("no servers are used where the previous ones are not to be", () => {
  assert.deepEqual(usedServers(rules({ keepsPrevious: false }), [], found), []);
});

test("the port of all discovered servers is replaced, but not that of default ones in place of none", () => {
  const override = rules({ defaultServers: defaults, portOverride: 9000 });
  assert.deepEqual(
    usedServers(override, found).map(({ port }) => port),
    [9000, 9000],
  );
  assert.deepEqual(usedServers(override, []), defaults);
});

test("servers with the same host, port and name are one", () => {
  const twice = [server({ weight: 1 }), server({ weight: 2 }), server({ name: "other" })];
  assert.deepEqual(usedServers(rules(), twice), [twice[0], twice[2]]);
});

test("filters by label: all have to match", () => {
  const labelled = [
    server({ name: "a", labels: { az: "1", env: "prod" } }),
    server({ name: "b", labels: { az: "2", env: "prod" } }),
    server({ name: "c" }),
  ];
  const names = (labelFilters: ServerRules["labelFilters"]) =>
    selectedServers(rules({ labelFilters }), labelled).map(({ name }) => name);
  const prod = { label: "env", value: "prod", isEqual: true };
  assert.deepEqual(names([prod]), ["a", "b"]);
  assert.deepEqual(names([prod, { label: "az", value: "1", isEqual: false }]), ["b"]);
  assert.deepEqual(names([{ label: "az", value: "1", isEqual: false }]), ["b", "c"]);
});

test("the leader has the lowest number of the servers that match", () => {
  const electing = rules({
    electsLeader: true,
    labelFilters: [{ label: "az", value: "1", isEqual: true }],
  });
  const labels = { az: "1" };
  const candidates = [
    server({ name: "other", number: 1 }),
    server({ name: "b", number: 12, labels }),
    server({ name: "a", number: 3, labels }),
  ];
  const names = selectedServers(electing, candidates).map(({ name }) => name);
  assert.deepEqual(names, ["a"]);
});

test("no server is the leader while one has no number, or there are none", () => {
  const electing = rules({ electsLeader: true });
  const candidates = [server({ number: 1 }), server({ name: "b" })];
  assert.deepEqual(selectedServers(electing, candidates), []);
  assert.deepEqual(selectedServers(electing, []), []);
});
