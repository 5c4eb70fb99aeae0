import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { nextIndex } from "../../../../lib/clients/consul/blocking-query.ts";
import { ConsulClient } from "../../../../lib/clients/consul/client.ts";
import { ConsulError } from "../../../../lib/clients/consul/errors.ts";
import { parseDone, parseList } from "../../../../lib/clients/consul/json.ts";
import { QueryPace } from "../../../../lib/clients/consul/query-pace.ts";
import type { Answer } from "../../../stand-in/consul/answers.ts";
import { startConsul } from "../../../stand-in/consul.ts";
import { atEnd } from "../../../support/process.ts";

function clientOf(t: TestContext, endpoints: readonly string[], token?: () => Promise<string>) {
  const settings = {
    endpoints,
    tls: false,
    credentials: async () => ({}),
    token: token ?? (async () => undefined),
  };
  const client = new ConsulClient(settings, { clock: systemClock, random: () => 0 });
  atEnd(t, () => client[Symbol.asyncDispose]());
  return client;
}

function failing(failure: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConsulError, String(error));
    assert.equal(error.failure, failure);
    assert.match(error.message, message);
    return true;
  };
}

test("an index goes on, begins anew when it goes backwards, and is 1 at least", () => {
  assert.deepEqual([nextIndex(0, 7), nextIndex(7, 7), nextIndex(7, 9)], [7, 7, 9]);
  assert.deepEqual([nextIndex(7, 3), nextIndex(0, 0), nextIndex(1, 0)], [0, 1, 1]);
});

test("a query that is never held back is asked ever more rarely, up to once in 15 s", async (t) => {
  let nowMs = 0;
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  const clock = { now: () => nowMs, sleep };
  const questionsIn = async (ms: number, hadChange: boolean, heldMs = 0) => {
    const pace = new QueryPace(clock);
    const endMs = nowMs + ms;
    let waitMs = 0;
    let count = 0;
    for (; nowMs < endMs && count < 10_000; count += 1) {
      nowMs += heldMs;
      const answeredMs = nowMs;
      await pace.wait(hadChange, t.signal);
      waitMs = nowMs - answeredMs;
    }
    return { count, waitMs };
  };
  const idle = await questionsIn(120_000, false);
  assert.ok(idle.count < 20 && idle.waitMs === 15_000, `${idle.count} without a change`);
  const churning = await questionsIn(600_000, true);
  assert.ok(churning.count < 110 && churning.waitMs === 15_000, `${churning.count} changes`);
  assert.deepEqual(await questionsIn(600_000, true, 1000), { count: 600, waitMs: 0 });
  const few = await questionsIn(1, true);
  assert.ok(few.count > 10, "a few changes in a row are not delayed");
});

test("answers that are not those of Consul are one sentence each", async (t) => {
  let answer: Answer = { body: "" };
  const { address } = await startConsul(t, { instead: () => answer });
  const client = clientOf(t, [address]);
  const query = () => client.query({ path: "/kv/a" }, t.signal);
  const index = { "X-Consul-Index": "5" };
  answer = { status: 404, body: "<html>" };
  await assert.rejects(query, failing("unreadable", /no X-Consul-Index \(status 404\)/));
  answer = { headers: { "X-Consul-Index": "-1" }, body: "[]" };
  await assert.rejects(query, failing("unreadable", /no X-Consul-Index/));
  answer = { status: 500, body: "No cluster leader" };
  await assert.rejects(query, failing("unreachable", /^No cluster leader \(status 500\)$/));
  answer = { headers: { ...index, "X-Consul-KnownLeader": "false" }, body: "[]" };
  await assert.rejects(query, failing("unreachable", /^the server knows no leader$/));
  answer = { status: 403, body: "ACL not found" };
  await assert.rejects(query, failing("unauthenticated", /^ACL not found \(status 403\)$/));
  answer = { status: 500, body: "rpc error making call: Permission denied" };
  await assert.rejects(query, failing("denied", /^rpc error/));
  answer = { status: 301, headers: { location: "http://127.0.0.1:1/" }, body: "" };
  await assert.rejects(query, failing("refused", /^no reason given \(status 301\)$/));
  answer = { status: 500, body: `${"x".repeat(5000)}\nsecond line` };
  await assert.rejects(query, failing("refused", /^x{200} \(status 500\)$/));
  answer = { headers: index, body: Buffer.alloc(65 * 1024 * 1024, "x") };
  await assert.rejects(query, failing("unreadable", /longer than 67108864 bytes/));
  answer = { headers: index, body: "[1" };
  const { text } = await query();
  for (const one of [text, "{}", "[1]", "null"])
    assert.throws(() => parseList(one, "a list"), failing("unreadable", /not a list in JSON/));
  assert.throws(() => parseDone("1"), failing("unreadable", /not true or false/));
});

test("the next endpoint is asked once one fails, and the token is read for each request", async (t) => {
  const [first, second] = [await startConsul(t), await startConsul(t)];
  for (const { consul } of [first, second]) {
    consul.acl.tokens.set("a", { reads: [""], writes: [], services: true });
  }
  let token = "a";
  const client = clientOf(t, [first.address, second.address], async () => token);
  const query = async () => (await client.query({ path: "/kv/a" }, t.signal)).status;
  assert.equal(await query(), 404);
  await first.stop();
  await assert.rejects(query, failing("unreachable", /ECONNREFUSED|closed|reset|ECONNRESET/));
  assert.equal(await query(), 404);
  assert.equal(second.requests.length, 1);
  token = "b";
  await assert.rejects(query, failing("unauthenticated", /ACL not found/));
  token = "a";
  assert.equal(await query(), 404);
});
