import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint, Pool } from "../../../lib/model/pool.ts";
import { keysAt } from "../../../lib/view/keys-at.ts";

function endpoint(key: string, address: string, more: Partial<Endpoint> = {}): Endpoint {
  const [host = "", port = ""] = address.split(":");
  const names = { service: "web", id: key, server: key, name: key };
  return { ...names, key, host, port: Number(port), address, weight: 1, labels: {}, ...more };
}

function pools(services: Readonly<Record<string, readonly Endpoint[]>>) {
  const all = Object.entries(services).map(([name, instances]) => {
    return [name, { name, instances } satisfies Pool] as const;
  });
  return { byName: new Map(all) };
}

test("the key at an address is that of the service with the name of the pool, or else of any", () => {
  const both = pools({
    api: [endpoint("/api/a", "10.0.0.1:80")],
    web: [endpoint("/web/a", "10.0.0.1:80"), endpoint("/web/b", "10.0.0.2:80")],
  });
  assert.deepEqual(keysAt(both, "web", "10.0.0.1:80"), ["/web/a"]);
  assert.deepEqual(keysAt(both, "bk_web", "10.0.0.1:80"), ["/api/a", "/web/a"]);
  assert.deepEqual(keysAt(both, "api", "10.0.0.2:80"), ["/web/b"]);
  assert.deepEqual(keysAt(both, "web", "10.0.0.3:80"), []);
});

test("an instance with a host name is at each of its addresses; one that takes no requests is at none", () => {
  const named = endpoint("/web/a", "app.example.com:80", {
    resolved: [endpoint("/web/a", "10.0.0.1:80"), endpoint("/web/a", "10.0.0.2:80")],
  });
  const idle = [
    endpoint("/web/b", "10.0.0.3:80", { weight: 0 }),
    endpoint("/web/c", "10.0.0.4:80", { retained: true }),
  ];
  const web = pools({ web: [named, ...idle] });
  const at = (host: number) => keysAt(web, "web", `10.0.0.${host}:80`);
  assert.deepEqual([at(1), at(2), at(3), at(4)], [["/web/a"], ["/web/a"], [], []]);
});
