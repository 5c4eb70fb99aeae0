import assert from "node:assert/strict";
import { test } from "node:test";
import { goFunctions, goTables } from "../../../../../lib/render/go/functions/all.ts";
import { unsupported } from "../../../../../lib/render/go/functions/unsupported.ts";
import { field } from "../../../../../lib/render/go/values/field.ts";
import { printed } from "../../../../../lib/render/go/values/print.ts";
import { newMap } from "../../../../../lib/render/go/values/types.ts";
import {
  HelperError,
  InvalidArgument,
  type RenderContext,
  Unresolvable,
  UnusableValue,
} from "../../../../../lib/render/helpers/contract.ts";
import { context } from "../../helpers/fixture.ts";

function call(name: string, args: readonly unknown[], within: RenderContext = context): unknown {
  const known = goFunctions[name];
  assert.ok(known, name);
  return known.run(args, within);
}

test("no function is in two tables, or among the ones that are refused", () => {
  const names = goTables.flatMap(Object.keys);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    names.filter((name) => unsupported.has(name)),
    [],
  );
});

test("DNS names are looked up, and sorted as confd sorts them", () => {
  assert.deepEqual(call("lookupIP", ["web"]), ["10.0.0.10", "10.0.0.9", "::1"]);
  assert.deepEqual(call("lookupIPV4", ["web"]), ["10.0.0.10", "10.0.0.9"]);
  assert.deepEqual(call("lookupIPV6", ["web"]), ["::1"]);
});

test("targets of SRV records have Go's fields, and names that end in a dot", () => {
  const [first, second] = call("lookupSRV", ["http", "tcp", "web"]) as readonly unknown[];
  assert.equal(printed(field(first, "Target")), "a._http._tcp.web.");
  assert.equal(printed(field(second, "Port")), "80");
  assert.equal(printed(first), "{a._http._tcp.web. 81 2 5}");
  assert.throws(() => field(first, "Host"), /can't evaluate field Host in type \*net\.SRV/);
});

test("a name without an address is a fault of its own, which names the host", () => {
  const lookups = {
    ...context.lookups,
    ip: (host: string): readonly string[] => {
      throw new Unresolvable(host, undefined);
    },
  };
  const isOfHost = (error: unknown) => error instanceof Unresolvable && error.host === "gone";
  assert.throws(() => call("lookupIP", ["gone"], { ...context, lookups }), isOfHost);
});

test("a fault of a text has another type than one of the call", () => {
  for (const [name, text] of Object.entries({
    ...{ json: "{", jsonArray: "{}", atoi: "x", parseBool: "x", base64Decode: "!", semver: "x" },
  })) {
    assert.throws(() => call(name, [text]), UnusableValue, name);
  }
  const isSecond = (error: unknown) => error instanceof InvalidArgument && error.at === 1;
  assert.throws(() => call("split", ["a", 1]), isSecond);
  assert.throws(
    () => call("div", [1, 0]),
    (error) => !(error instanceof UnusableValue),
  );
});

test("a template changes only maps that it has made", () => {
  const own = newMap([["a", 1]]);
  assert.equal(call("set", [own, "b", "x"]), own);
  assert.equal(printed(own), "map[a:1 b:x]");
  const labels = { zone: "a" };
  assert.throws(() => call("set", [labels, "zone", "b"]), HelperError);
  assert.throws(() => call("unset", [labels, "zone"]), HelperError);
  assert.deepEqual(labels, { zone: "a" });
  assert.equal(printed(call("set", [call("deepCopy", [labels]), "zone", "b"])), "map[zone:b]");
});

test("lists of the keyspace keep their identity, so that loops recognize unchanged items", () => {
  assert.equal(call("gets", ["/app/*"]), context.keys.matching("/app/*"));
  assert.equal(call("getvs", ["/app/*"]), context.keys.valuesMatching("/app/*"));
});

test("a number from the keyspace does not exhaust the memory", () => {
  for (const [name, args] of Object.entries({
    ...{ seq: [1, 1e9], until: [1e9], repeat: [1e9, "ab"], indent: [1e9, "a"] },
  })) {
    assert.throws(() => call(name, args), /not supported/, name);
  }
});
