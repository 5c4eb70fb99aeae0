import assert from "node:assert/strict";
import { test } from "node:test";
import { distinct } from "../../../lib/discover/distinct.ts";

const instance = (service: string, id: string, port: number) => ({ service, id, host: "h", port });

test("of two instances with the same service and id the first counts, and the other is a duplicate", () => {
  const [a, b, c] = [instance("web", "1", 80), instance("web", "1", 81), instance("web", "2", 80)];
  assert.deepEqual(distinct([a, b, c]), { instances: [a, c], repeated: [b] });
});

test("the same id in another service is another instance", () => {
  const both = [instance("web", "1", 80), instance("db", "1", 80)];
  assert.deepEqual(distinct(both), { instances: both, repeated: [] });
});
