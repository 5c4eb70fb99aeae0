import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { InstanceStatus } from "../../lib/status/contract.ts";
import { events } from "../support/log-events.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";
import { main, printed } from "./sidekick.ts";

const count = 300;

test("with 64 descriptors and 300 checks, every healthy instance is registered, and none is deregistered", async (t) => {
  const cwd = await throwAwayFolder(t);
  // Answers late, so that many probes are in flight.
  const server = createServer((socket) => {
    socket.on("error", () => {});
    setTimeout(() => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), 400);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address && typeof address === "object");
  const services = Array.from({ length: count }, (_, i) => {
    const check = "{ type: http, interval: 1s, timeout: 20s, fall: 1 }";
    return `    - { name: s${i}, host: 127.0.0.1, port: ${address.port}, checks: [${check}] }`;
  });
  await writeFile(
    join(cwd, "sidekick.yaml"),
    [
      "keyspace: file:./keyspace\nstatus: { socket: ./socket }",
      "presence:\n  ttl: 60s\n  services:",
      ...services,
    ].join("\n"),
  );
  const shell = ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash"];
  const agent = start(t, [...shell, ...main, "run", "-c", "sidekick.yaml"], { cwd });
  const logged = (event: string) => events(agent).filter((line) => line.event === event);
  await eventually("all are registered", () => logged("registered").length === count);
  const lacking = logged("fault").filter(({ code }) => code === "AGENT_RESOURCES_EXHAUSTED");
  assert.ok(lacking.length > 0, "the agent logs what it lacks");
  assert.match(String(lacking[0]?.message), /no file descriptors left .*EMFILE/);
  const report = JSON.parse(await printed(t, ["status", "--json", "-c", "sidekick.yaml"], { cwd }));
  const states = report.presence.instances.map(
    (one: InstanceStatus) => `${one.verdict} ${one.registered}`,
  );
  assert.deepEqual(
    states,
    states.map(() => "up true"),
  );
  assert.equal(states.length, count);
  assert.deepEqual(
    [...logged("deregistered"), ...logged("health_changed")].filter(
      ({ verdict }) => verdict !== "up",
    ),
    [],
  );
});
