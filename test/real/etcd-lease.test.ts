import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { test } from "node:test";
import { listen } from "../support/listen.ts";
import { eventually } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";

test("a session renews its lease over the connection that it has", async (t) => {
  const etcd = await startEtcd(t);
  let connections = 0;
  const relay = createServer((socket) => {
    connections += 1;
    const server = connect(Number(etcd.endpoint.split(":")[1]), "127.0.0.1");
    t.after(() => socket.destroy());
    pipeline(socket, server, () => {});
    pipeline(server, socket, () => {});
  });
  const keyspace = await opening(t, `etcd://127.0.0.1:${await listen(t, relay)}`);
  const session = await keyspace.open(3000, t.signal);
  t.after(() => session.close());
  await session.put("/web/a", "1", t.signal);
  const renewed = () => etcd.metric("etcd_debugging_lease_renewed_total");
  const renewedTimes = async (times: number) => {
    const before = await renewed();
    await eventually(
      `it is renewed ${times} times`,
      async () => (await renewed()) >= before + times,
      60_000,
    );
  };
  await renewedTimes(1);
  const opened = connections;
  await renewedTimes(4);
  assert.equal(connections, opened);
  assert.equal(session.expired.aborted, false);
});
