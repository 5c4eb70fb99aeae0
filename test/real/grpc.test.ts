import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { checkSchema, createCheck } from "../../lib/health/kinds.ts";
import { parseAddress } from "../../lib/model/endpoint.ts";
import { startEtcd } from "./etcd.ts";

test("a grpc check understands a gRPC server of another implementation: etcd", async (t) => {
  for (const tls of [false, true]) {
    const etcd = await startEtcd(t, { tls });
    const target = parseAddress(etcd.endpoint);
    assert.ok(target);
    const probe = async (service?: string) => {
      const config = { type: "grpc", timeout: "10s", tls: etcd.certificates ?? false, service };
      const check = createCheck(checkSchema.parse(config), target, { clock: systemClock });
      const reading = await check.probe(t.signal);
      return reading.ok ? "healthy" : reading.why;
    };
    assert.equal(await probe(), "healthy");
    assert.equal(await probe("Unknown"), 'the server has no service "Unknown" (NOT_FOUND)');
  }
});
