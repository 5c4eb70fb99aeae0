import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startConsul } from "../stand-in/consul.ts";
import { outputOf } from "../support/process.ts";

test("python3-consul finds in the stand-in what it expects of Consul", async (t) => {
  const { port, consul } = await startConsul(t, { minTtlMs: 1000 });
  consul.acl.tokens.set("secret", { reads: [""], writes: ["web/"], services: ["web"] });
  const script = join(import.meta.dirname, "..", "stand-in", "consul", "as-python-consul.py");
  const env = { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
  const output = await outputOf(["/usr/bin/python3", script, String(port)], { env });
  assert.match(output, /all as expected/);
});
