import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { connect } from "../../../../lib/keyspace/zookeeper/connection.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually } from "../../../support/process.ts";

/** The session that the stand-in server grants, in milliseconds: it is to be pinged every third of it. */
const sessionMs = 300;

test("a connection that receives events all the time is pinged: else its session would expire", async (t) => {
  const server = await startServer(t);
  const connecting = { host: "127.0.0.1", port: server.port, sessionMs, limitMs: 60_000 };
  const connection = await connect(connecting, systemClock, t.signal);
  t.after(() => connection.drop());
  await eventually("it is pinged again and again", () => {
    server.sendEvent();
    return server.pings() >= 3;
  });
});

test("a connection on which nothing arrives ends after two thirds of its session", async (t) => {
  const clock = new ManualClock();
  const server = await startServer(t);
  const connecting = { host: "127.0.0.1", port: server.port, sessionMs, limitMs: 60_000 };
  const connection = await connect(connecting, clock, t.signal);
  t.after(() => connection.drop());
  const reading = assert.rejects(connection.read("/web"), /nothing received for 200 ms/);
  await clock.advance(199);
  assert.equal(connection.ended.aborted, false);
  await clock.advance(1);
  assert.equal(connection.ended.aborted, true);
  await reading;
});

test("a server that grants no session is given up", async (t) => {
  const clock = new ManualClock();
  const server = await startServer(t, "silent");
  const connecting = { host: "127.0.0.1", port: server.port, sessionMs, limitMs: 5000 };
  const refused = assert.rejects(connect(connecting, clock, t.signal), /no answer within 5000 ms/);
  await clock.advance(5000);
  await refused;
});

/** Grants a session unless it is silent, and answers nothing else. */
async function startServer(t: TestContext, answers: "grants" | "silent" = "grants") {
  let [peer, received] = [undefined as Socket | undefined, Buffer.alloc(0)];
  const server = createServer((socket) => {
    peer = socket.on("error", () => {});
    if (answers === "grants") socket.once("data", () => socket.write(framed(granted)));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    peer?.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    sendEvent: () => void peer?.write(framed(event)),
    /** How many frames were a ping: 8 bytes, the number -2, operation 11. */
    pings: () => received.toString("hex").split("00000008fffffffe0000000b").length - 1,
  };
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Protocol 0, time to live, id, password of 16 bytes. */
const granted = Buffer.concat([ints(0, sessionMs, 0, 1, 16), Buffer.alloc(16)]);

/** A header with the number -1, then: data of a node has changed, connected, its path. */
const event = Buffer.concat([ints(-1, 0, 1, 0), ints(3, 3, 4), Buffer.from("/web")]);

function ints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, 4 * i);
  return bytes;
}
