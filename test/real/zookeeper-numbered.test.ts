import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { Disconnected } from "../../lib/keyspace/zookeeper/errors.ts";
import { NumberedNodes } from "../../lib/keyspace/zookeeper/numbered.ts";
import { valuesSeen, watching } from "../conformance/keyspace-watching.ts";
import { opening } from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";

const longMs = 60_000;
const shared = startZookeeper({ after } as Pick<TestContext, "after">);

test("sequential: a key is one node with a number at the end of its name, until it is removed", async (t) => {
  const { url } = await shared;
  const keyspace = await opening(t, { url: `${url}/own`, sequential: true });
  const session = await keyspace.open(longMs, t.signal);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  assert.equal(await session.put("/web/i-1", "1", t.signal), "/web/i-1_0000000000");
  assert.equal(await session.put("/web/i-1", "2", t.signal), "/web/i-1_0000000000");
  assert.equal(await session.put("/web/i-2", "1", t.signal), "/web/i-2_0000000001");
  await seen.until({ "/web/i-1_0000000000": "2", "/web/i-2_0000000001": "1" });
  await session.remove("/web/i-1", t.signal);
  await session.remove("/web/never", t.signal);
  await seen.until({ "/web/i-2_0000000001": "1" });
  assert.equal(await session.put("/web/i-1", "3", t.signal), "/web/i-1_0000000002");
  await session.close();
  await seen.until({});
});

test("sequential: each session has a node of its own for a key, and creates it again if it was removed", async (t) => {
  const { url } = await shared;
  const [one, other] = [
    await opening(t, { url: `${url}/both`, sequential: true }),
    await opening(t, { url: `${url}/both`, sequential: true }),
  ];
  const sessions = [await one.open(longMs, t.signal), await other.open(longMs, t.signal)];
  for (const [i, session] of sessions.entries()) await session.put("/web/a", `${i}`, t.signal);
  const hand = await connected(t);
  await hand.remove("/both/web/a_0000000000", -1);
  assert.equal(await sessions[0]?.put("/web/a", "0", t.signal), "/web/a_0000000002");
  const seen = await watching(t, one, ["/web"]).ready();
  assert.deepEqual(Object.keys(valuesSeen(seen)).sort(), [
    "/web/a_0000000001",
    "/web/a_0000000002",
  ]);
  for (const session of sessions) await session.close();
});

test("sequential: a node of a crashed agent is replaced by one with the same value, and by no other", async (t) => {
  const { url } = await shared;
  const config = { url: `${url}/left`, sequential: true };
  const [crashing, next, reader] = [
    await opening(t, config),
    await opening(t, config),
    await opening(t, config),
  ];
  const crashed = await crashing.open(longMs, t.signal);
  for (const key of ["/web/a", "/web/b"]) await crashed.put(key, "1", t.signal);
  await crashing[Symbol.asyncDispose]();
  const seen = await watching(t, reader, ["/web"]).ready();
  const session = await next.open(longMs, t.signal);
  await assert.rejects(session.put("/web/a", "1", t.signal), { code: "KEYSPACE_KEY_HELD" });
  const takeOver = new Set([crashed.id]);
  assert.equal(await session.put("/web/a", "1", t.signal, { takeOver }), "/web/a_0000000002");
  assert.equal(await session.put("/web/b", "2", t.signal), "/web/b_0000000003");
  const both = { "/web/b_0000000001": "1", "/web/b_0000000003": "2" };
  await seen.until({ "/web/a_0000000002": "1", ...both });
  // A node of a session that is opened later is another instance, whatever its value is.
  const late = await next.open(longMs, t.signal);
  await late.put("/web/c", "1", t.signal);
  await session.put("/web/c", "1", t.signal);
  await session.remove("/web/a", t.signal);
  await seen.until({ "/web/c_0000000004": "1", "/web/c_0000000005": "1", ...both });
  for (const open of [session, late]) await open.close();
});

test("sequential: if an answer was lost, there are not two nodes, and none is left after the removal", async (t) => {
  const connection = await connected(t);
  const nodes = new NumberedNodes("/doubt");
  const entry = { key: "/web/a", value: "1" };
  const put = async (via: Connection) => await nodes.put(via, entry, t.signal);
  await assert.rejects(put(losingAnswers(connection)), Disconnected);
  assert.equal(await put(losingAnswers(connection)), "/web/a_0000000000");
  assert.equal((await connection.children("/doubt/web")).length, 1);
  assert.equal(await put(connection), "/web/a_0000000000");
  await assert.rejects(
    nodes.put(losingAnswers(connection), { key: "/web/b", value: "1" }, t.signal),
    Disconnected,
  );
  await nodes.remove(connection, "/web/b", t.signal);
  assert.deepEqual(await connection.children("/doubt/web"), ["a_0000000000"]);
});

async function connected(t: TestContext): Promise<Connection> {
  const [host = "", port] = (await shared).endpoint.split(":");
  const connecting = { host, port: Number(port), sessionMs: longMs, limitMs: longMs };
  const connection = await connect(connecting, systemClock, t.signal);
  t.after(() => connection.closeSession());
  return connection;
}

/** A connection that creates nodes and is closed before it receives the answers. */
function losingAnswers(connection: Connection): Connection {
  return new Proxy(connection, {
    get: (target, name) => {
      if (name === "createNumbered") {
        return async (...given: Parameters<Connection["createNumbered"]>) => {
          await target.createNumbered(...given);
          throw new Disconnected("the answer was lost");
        };
      }
      const member = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
