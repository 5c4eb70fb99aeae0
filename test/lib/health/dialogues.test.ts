import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { tcpServer } from "./servers.ts";

const never = new AbortController().signal;

/** Probes a server that answers the expected request with a text, and any other with nothing. */
async function probed(t: TestContext, type: string, request: string, answer: string, ends = false) {
  let received = "";
  const { target, open } = await tcpServer(t, (socket) => {
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (received !== request) return;
      if (ends) socket.end(answer);
      else socket.write(answer);
    });
  });
  const config = checkSchema.parse({ type, timeout: "20s" });
  const reading = await createCheck(config, target, { clock: systemClock }).probe(never);
  assert.equal(received, request);
  assert.ok(open.size <= 1);
  return reading.ok === true ? "healthy" : reading.why;
}

const redis = "*1\r\n$4\r\nPING\r\n*2\r\n$6\r\nEXISTS\r\n$21\r\nsidekick-health-check\r\n";

for (const [answer, expected, ends] of [
  ["+PONG\r\n:0\r\n", "healthy", false],
  ["+PONG\r\n:1\r\n", "healthy", false],
  ["-NOAUTH Authentication required.\r\n-NOAUTH\r\n", 'PING is answered with "-NOAUTH', false],
  ["+PONG\r\n-ERR no server\r\n", 'EXISTS is answered with "-ERR no server"', false],
  ["+PONG\r\n", "the connection was closed without an answer", true],
  [`+${"P".repeat(2000)}`, "a line has more than 1024 bytes", false],
] as const) {
  test(`redis: ${JSON.stringify(answer.slice(0, 40))} is ${expected}`, async (t) => {
    const found = await probed(t, "redis", redis, answer, ends);
    assert.ok(found.toLowerCase().includes(expected.toLowerCase()), found);
  });
}

test("zookeeper: imok is healthy, and any other answer is not", async (t) => {
  assert.equal(await probed(t, "zookeeper", "ruok", "imok", true), "healthy");
  assert.match(await probed(t, "zookeeper", "ruok", "", true), /^ruok is answered with/);
  assert.match(
    await probed(t, "zookeeper", "ruok", "ruok is not in the whitelist.\n", true),
    /whitelist/,
  );
});
