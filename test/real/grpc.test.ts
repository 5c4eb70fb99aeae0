import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { checkSchema, createCheck } from "../../lib/health/kinds.ts";
import { parseAddress } from "../../lib/model/endpoint.ts";
import { startEtcd } from "./etcd.ts";

test("a gRPC server in another language, which etcd is, is asked by its own health service", async (t) => {
  for (const tls of [false, true]) {
    const etcd = await startEtcd(t, { tls });
    const target = parseAddress(etcd.endpoint);
    assert.ok(target);
    const ask = async (service?: string) => {
      const config = { type: "grpc", timeout: "10s", tls: etcd.certificates ?? false, service };
      const check = createCheck(checkSchema.parse(config), target, { clock: systemClock });
      const reading = await check.probe(t.signal);
      return reading.ok ? "well" : reading.why;
    };
    assert.equal(await ask(), "well");
    assert.equal(await ask("Nobody"), 'the server has no service "Nobody" (NOT_FOUND)');
  }
});
