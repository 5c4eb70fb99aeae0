import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { withLookups } from "../../../lib/render/lookups.ts";

test("a rendering is repeated until every name that it needs is resolved", async () => {
  const resolved: string[] = [];
  const resolver = {
    lookup: async (host: string) => {
      resolved.push(host);
      return [{ address: "10.0.0.2" }, { address: "10.0.0.1" }, { address: "10.0.0.2" }];
    },
    resolveSrv: async () => [
      { name: "b", port: 2, priority: 2, weight: 0 },
      { name: "a", port: 1, priority: 1, weight: 0 },
    ],
  };
  const text = await withLookups(
    "t.hbs",
    resolver,
    (lookups) => {
      const [target] = lookups.srv("_web._tcp");
      return lookups.ip(target?.name ?? "").join(" ");
    },
    never,
  );
  assert.equal(text, "10.0.0.1 10.0.0.2");
  assert.deepEqual(resolved, ["a"]);
});

test("a name that cannot be resolved is a fault and not an empty list", async () => {
  const resolver = {
    lookup: () => Promise.reject(new Error("ENOTFOUND nowhere")),
    resolveSrv: async () => [],
  };
  const rendering = withLookups("t.hbs", resolver, ({ ip }) => ip("nowhere"), never);
  await assert.rejects(rendering, {
    code: "RENDER_LOOKUP_FAILED",
    message: /t\.hbs: nowhere cannot/,
  });
});

test("an abort ends the wait for DNS", async () => {
  const stopping = new AbortController();
  const resolver = { lookup: () => new Promise<never>(() => {}), resolveSrv: async () => [] };
  const rendering = withLookups("t.hbs", resolver, ({ ip }) => ip("slow"), stopping.signal);
  stopping.abort();
  await assert.rejects(rendering, { name: "AbortError" });
});
