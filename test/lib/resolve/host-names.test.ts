import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Fault } from "../../../lib/base/fault.ts";
import type { KnownAddresses } from "../../../lib/resolve/contract.ts";
import { HostNames } from "../../../lib/resolve/host-names.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Half of each delay is left to chance, which has none here: 500ms, 1s, 2s, 2s. */
const backoff = { firstMs: 1000, maxMs: 4000 };

/** Names that are looked up in memory. A name without an answer is never answered. */
function scene(t: TestContext, known: KnownAddresses = new Map()) {
  const clock = new ManualClock();
  const answers = new Map<string, readonly string[] | string>();
  const asked: string[] = [];
  const faults: (Fault | undefined)[] = [];
  const lookup = async (host: string) => {
    asked.push(host);
    const answer = answers.get(host);
    if (answer === undefined) return await new Promise<never>(() => {});
    if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
    return answer.map((address) => ({ address }));
  };
  const names = new HostNames(known, backoff, { resolver: { lookup }, clock, random: () => 0 });
  const reporter = {
    report: (fault: Fault) => void faults.push(fault),
    resolved: () => void faults.push(undefined),
  };
  const stopping = new AbortController();
  const ended = names.run(reporter, stopping.signal).catch(() => {});
  t.after(async () => {
    stopping.abort();
    await ended;
  });
  const resolved = () => Object.fromEntries(names.resolution.value);
  return { clock, answers, asked, faults, names, resolved };
}

const listOf = (...names: readonly string[]) => new Set([names]);

test("names are looked up side by side: one that is never answered delays no other one", async (t) => {
  const { clock, answers, asked, names, resolved } = scene(t);
  answers.set("good", ["10.0.0.2", "10.0.0.1", "10.0.0.2"]);
  names.use(listOf("dead", "good"));
  await clock.advance(10);
  assert.deepEqual(asked, ["dead", "good"]);
  assert.deepEqual(resolved(), { good: { addresses: ["10.0.0.1", "10.0.0.2"] } });
});

test("a name that fails is looked up again with a back-off, and one that is resolved from time to time", async (t) => {
  const { clock, answers, asked, names, resolved } = scene(t);
  answers.set("a", "ENOTFOUND");
  names.use(listOf("a"));
  await clock.advance(10);
  assert.deepEqual(resolved(), { a: { why: "the name does not exist (NXDOMAIN)" } });
  await clock.advance(489);
  assert.equal(asked.length, 1);
  answers.set("a", ["10.0.0.1"]);
  await clock.advance(20);
  assert.equal(asked.length, 2);
  const { value, version } = names.resolution;
  await clock.advance(14_000);
  assert.equal(asked.length, 2);
  await clock.advance(2000);
  assert.equal(asked.length, 3);
  assert.deepEqual([names.resolution.value, names.resolution.version], [value, version]);
  answers.set("a", ["10.0.0.9"]);
  await clock.advance(16_000);
  assert.deepEqual(resolved(), { a: { addresses: ["10.0.0.9"] } });
});

for (const code of ["ETIMEOUT", "ESERVFAIL", "EREFUSED", "ECONNREFUSED", "EAI_AGAIN"]) {
  test(`known addresses stay as long as the answer is ${code}, which is reported`, async (t) => {
    const { clock, answers, faults, names, resolved } = scene(t, new Map([["a", ["10.0.0.1"]]]));
    assert.deepEqual(resolved(), { a: { addresses: ["10.0.0.1"] } });
    answers.set("a", code);
    names.use(listOf("a"));
    await clock.advance(600_000);
    assert.deepEqual(resolved(), { a: { addresses: ["10.0.0.1"] } });
    assert.equal(faults.at(-1)?.code, "RESOLVE_NO_ANSWER");
    answers.set("a", ["10.0.0.2"]);
    await clock.advance(5000);
    assert.deepEqual(resolved(), { a: { addresses: ["10.0.0.2"] } });
    assert.equal(faults.at(-1), undefined);
  });
}

for (const code of ["ENOTFOUND", "ENODATA"]) {
  test(`known addresses are given up after three answers ${code} in a row`, async (t) => {
    const { clock, answers, asked, names, resolved } = scene(t, new Map([["a", ["10.0.0.1"]]]));
    answers.set("a", code);
    names.use(listOf("a"));
    await clock.advance(600);
    assert.deepEqual([resolved(), asked.length], [{ a: { addresses: ["10.0.0.1"] } }, 2]);
    answers.set("a", "ETIMEOUT");
    await clock.advance(1100);
    answers.set("a", code);
    await clock.advance(4100);
    assert.deepEqual([resolved(), asked.length], [{ a: { addresses: ["10.0.0.1"] } }, 5]);
    await clock.advance(2100);
    assert.match(JSON.stringify(resolved()), /"why":/);
  });
}

test("a name that is not in use any more is not looked up again, and forgotten", async (t) => {
  const { clock, answers, asked, names, resolved } = scene(t);
  answers.set("a", ["10.0.0.1"]);
  answers.set("b", ["10.0.0.2"]);
  names.use(listOf("a", "b"));
  await clock.advance(10);
  names.use(listOf("b"));
  await clock.advance(20_000);
  assert.deepEqual(asked, ["a", "b", "b"]);
  assert.deepEqual(resolved(), { b: { addresses: ["10.0.0.2"] } });
});

test("addresses that a proxy cannot use are no addresses", async (t) => {
  const { clock, answers, names, resolved } = scene(t);
  answers.set("a", ["fe80::1%eth0"]);
  answers.set("b", []);
  names.use(listOf("a", "b"));
  await clock.advance(10);
  const why = "the name has no address";
  assert.deepEqual(resolved(), { a: { why }, b: { why } });
});
