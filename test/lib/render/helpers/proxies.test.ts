import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pool } from "../../../../lib/model/pool.ts";
import { helpers } from "../../../../lib/render/helpers/all.ts";
import { listening } from "../../../../lib/render/helpers/listen.ts";
import { call, context } from "./fixture.ts";

test("upstreamName differs for names that differ in case only", () => {
  assert.equal(call("upstreamName", "web-1.v2_a"), "web-1.v2_a");
  assert.equal(call("upstreamName", "Web:a"), "%57eb%3Aa");
  const names = ["web", "Web", "WEB", "wEb", "a:b", "A:b"].map((name) =>
    String(call("upstreamName", name)).toLowerCase(),
  );
  assert.equal(new Set(names).size, names.length);
});

/** A service with instances that have these labels; undefined for none. */
function pool(name: string, ...labels: readonly (string | undefined)[]): Pool {
  const instances = labels.map((listen, i) => {
    const id = `10.0.0.${i}:80`;
    const own = { id, key: `/services/${name}/${id}`, address: id, host: `10.0.0.${i}`, port: 80 };
    const rest = { server: `h${i}`, name: "a", weight: 1, labels: listen ? { listen } : {} };
    return { service: name, ...own, ...rest };
  });
  return { name, instances };
}

function of(...services: readonly Pool[]) {
  const leftOut: string[] = [];
  const found = listening(services, ({ key, why }) => leftOut.push(`${key}: ${why}`));
  return { found, leftOut };
}

const shown = ({ found }: ReturnType<typeof of>) =>
  found.map(({ name, listen, instances }) => `${name} ${listen} ${instances.length}`);

test("services with a label listen are listed, with the first valid label", () => {
  const { found, leftOut } = of(
    pool("a"),
    pool("b", undefined, "5432", "5433"),
    pool("c", "", "[::1]:1"),
  );
  assert.deepEqual(shown({ found, leftOut }), ["b 5432 3", "c [::1]:1 2"]);
  assert.deepEqual(leftOut, []);
});

test("an instance with an invalid label is left out alone", () => {
  const { found, leftOut } = of(pool("a", "nonsense", "5432"), pool("b", "x"), pool("c", "5433"));
  assert.deepEqual(shown({ found, leftOut }), ["a 5432 1", "c 5433 1"]);
  assert.equal(leftOut.length, 2);
  assert.match(
    leftOut[0] ?? "",
    /^\/services\/a\/10.0.0.0:80: its label listen is "nonsense": expected/,
  );
});

test("of several services with an address the first by name is listed, however it is spelled", () => {
  const pairs: readonly (readonly [string, string, boolean])[] = [
    ["5432", "*:5432", true],
    ["5432", "0.0.0.0:05432", true],
    ["[::1]:5432", "[0:0:0::1]:5432", true],
    ["[FD00::A]:5432", "[fd00::a]:5432", true],
    ["5432 udp", "*:5432 udp", true],
    ["5432", "5432 udp", false],
    ["5432", "127.0.0.1:5432", false],
    ["5432", "[::]:5432", false],
  ];
  for (const [one, other, isSame] of pairs) {
    const { found, leftOut } = of(pool("a", one), pool("b", other, other));
    assert.equal(found.length, isSame ? 1 : 2, `${one} ${other}`);
    const reason = `/services/b: its label listen is ${other}: the service a listens there`;
    assert.deepEqual(leftOut, isSame ? [reason] : []);
  }
});

test("an unchanged service stays the same object", () => {
  const [a, b] = [pool("a", "1"), pool("b", "2")];
  assert.equal(of(a, b).found[1], of(pool("a", "3"), b).found[1]);
});

test("listening takes services only", () => {
  const run = helpers.listening?.run ?? assert.fail();
  assert.throws(() => run([["a"]], context), /listening expects a list of services/);
  assert.deepEqual(run([context.services], context), []);
});

test("liveMemory grows in steps, and not with each instance", () => {
  const sizes = [0, 1, 1024, 1025, 2048, 10_000].map((count) => {
    const instances = Array.from({ length: count }, () => ({}));
    return call("liveMemory", [{ instances }, { instances: [] }]);
  });
  assert.deepEqual(sizes, ["1m", "1m", "1m", "2m", "2m", "16m"]);
});
