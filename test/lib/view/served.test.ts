import assert from "node:assert/strict";
import { test } from "node:test";
import { ServedFinder } from "../../../lib/view/served.ts";
import { poolsWith } from "./entries.ts";

const at = (weight: number, host = "10.0.0.1") => JSON.stringify({ host, port: 80, weight });

test("an instance is served if it takes requests, under its own key or another one", () => {
  const pools = poolsWith({
    "/services/web/10.0.0.1:80": at(1),
    "/services/web/alias": at(1),
    "/services/web/10.0.0.2:80": at(0, "10.0.0.2"),
    "/services/web/bad": "nonsense",
    "/config/a": "1",
  });
  const finder = new ServedFinder();
  const served = (key: string) => finder.revisionOf(key, pools);
  assert.equal(served("/services/web/10.0.0.1:80"), "1");
  assert.equal(served("/services/web/alias"), "1");
  assert.equal(served("/services/web/10.0.0.2:80"), undefined);
  assert.equal(served("/services/web/bad"), undefined);
  assert.equal(served("/services/web/absent"), undefined);
  assert.equal(served("/config/a"), undefined);
});
