import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "../../../lib/discover/join.ts";

const at = (id: string, port: number) => ({
  instance: { service: "web", id, host: "10.0.0.1", port, name: `on ${port}` },
  checks: [],
  standing: { state: "up" } as const,
});
const item = { what: "container x", why: "its name is empty" };

test("of duplicates the instance of the first discovery counts, and the other is quarantined", () => {
  const [named, first, second] = [at("a", 80), at("a", 81), at("b", 82)];
  const joined = join([
    { found: [named], quarantined: [] },
    { found: [first, second], quarantined: [item] },
  ]);
  assert.deepEqual(joined.found, [named, second]);
  assert.equal(joined.found[1], second);
  assert.equal(joined.quarantined[0], item);
  assert.match(joined.quarantined[1]?.what ?? "", /^web\/a \(on 81\)$/);
});
