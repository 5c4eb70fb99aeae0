import assert from "node:assert/strict";
import { test } from "node:test";
import { instead } from "../../../lib/view/instead.ts";
import { poolsWith } from "./entries.ts";

test("some instances are as they were before: in their earlier state, or absent", () => {
  const before = poolsWith({
    "/services/api/1": "10.0.0.1:80",
    "/services/db/1": "10.0.0.1:81",
    "/services/web/1": "10.0.0.1:82",
    "/services/web/3": "10.0.0.3:82",
  });
  const now = poolsWith({
    "/services/api/1": "10.0.0.1:80",
    "/services/web/1": '{"host":"10.0.0.1","port":82,"weight":0}',
    "/services/web/2": "10.0.0.2:82",
    "/services/web/3": "10.0.0.4:82",
  });
  const keys = ["/services/db/1", "/services/web/1", "/services/web/2"];
  const mixed = instead(now, before, new Set(keys));
  assert.deepEqual(
    [...mixed.byName].map(([name, { instances }]) => [
      name,
      ...instances.map(({ address, weight }) => `${address}*${weight}`),
    ]),
    [
      ["api", "10.0.0.1:80*1"],
      ["db", "10.0.0.1:81*1"],
      ["web", "10.0.0.1:82*1", "10.0.0.4:82*1"],
    ],
  );
  assert.equal(mixed.byName.get("api"), now.byName.get("api"), "it keeps its identity");
  const values = mixed.snapshot.chunks.flat().map(({ value }) => value);
  assert.deepEqual(values, ["10.0.0.1:80", "10.0.0.1:81", "10.0.0.1:82", "10.0.0.4:82"]);
  assert.equal(instead(now, before, new Set()), now);
});
