import assert from "node:assert/strict";
import { test } from "node:test";
import { withLookups } from "../../../lib/render/lookups.ts";

const { signal } = new AbortController();

test("a rendering is done again until every name it asks for is known", async () => {
  const asked: string[] = [];
  const resolver = {
    lookup: async (host: string) => {
      asked.push(host);
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
    signal,
  );
  assert.equal(text, "10.0.0.1 10.0.0.2");
  assert.deepEqual(asked, ["a"]);
});

test("a name that cannot be resolved is a fault, not an empty list", async () => {
  const resolver = {
    lookup: () => Promise.reject(new Error("ENOTFOUND nowhere")),
    resolveSrv: async () => [],
  };
  const rendering = withLookups("t.hbs", resolver, ({ ip }) => ip("nowhere"), signal);
  await assert.rejects(rendering, {
    code: "RENDER_LOOKUP_FAILED",
    message: /t\.hbs: nowhere cannot/,
  });
});

test("an abort ends the wait for an answer", async () => {
  const ending = new AbortController();
  const resolver = { lookup: () => new Promise<never>(() => {}), resolveSrv: async () => [] };
  const rendering = withLookups("t.hbs", resolver, ({ ip }) => ip("slow"), ending.signal);
  ending.abort();
  await assert.rejects(rendering, { name: "AbortError" });
});
