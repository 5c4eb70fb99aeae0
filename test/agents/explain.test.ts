import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { createExplain } from "../../agents/explain.ts";
import { servingGroups } from "../../agents/watch/explain/serving-groups.ts";
import { never } from "../../lib/base/signal.ts";
import { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { Explanation, LineExplanation } from "../../lib/overview/explanation.ts";
import { formatExplanation } from "../../lib/overview/format-explanation.ts";
import { overviewServices } from "../../lib/overview/instances.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { eventually } from "../support/process.ts";
import { rejecting, type WatchSceneOptions, watchScene } from "./watch/scene.ts";

const text =
  "{{#each services}}{{#each instances}}server {{address}} weight {{weight}}\n{{/each}}{{/each}}";
const guard = { all: { maxLoss: 1, min: 0, retainMs: 10_000, keepEmpty: false }, services: {} };

/** A watcher that has applied `registered`, and what it explains. */
async function scene(
  t: TestContext,
  registered: readonly string[],
  { plan, ...options }: WatchSceneOptions = {},
) {
  const made = await watchScene(t, { text, plan: { guard, ...plan }, ...options });
  const session = await made.store.open().open(3_600_000, never);
  const put = (key: string, value: string) => session.put(key, value, never);
  await made.register("web", ...registered);
  return {
    ...made,
    put,
    remove: (key: string) => session.remove(key, never),
    start: async () => {
      made.run();
      await made.clock.advance(20_000);
      await eventually("a generation", () => made.agent.journal.facts.latest.value > 0);
    },
    ...explainerOf(made),
  };
}

function explainerOf({ agent, report, keyspace, clock }: Awaited<ReturnType<typeof watchScene>>) {
  const mounts = new Mounts(keyspace);
  const explained = { presence: undefined, watch: agent, report };
  const explain = createExplain(explained, { mounts, clock });
  const of = async (name: string) => (await explain.instance(name, never)) as Explanation;
  /** The explanation, once it is as expected. */
  const becomes = async (name: string, isIt: (one: Explanation) => boolean) => {
    return await eventually(`${name} is explained`, async () => {
      await clock.advance(1000);
      const one = await of(name);
      return isIt(one) ? one : undefined;
    });
  };
  const line = async (target: string, number: number) =>
    (await explain.line(target, number, never)) as LineExplanation;
  return { of, becomes, line };
}

const [name, key] = ["web/10.0.0.1:80", "/services/web/10.0.0.1:80"];

test("an instance that is served is explained from its entry to its line and the watchers", async (t) => {
  const { start, becomes, of, path, report } = await scene(t, ["10.0.0.1:80", "10.0.0.2:80"]);
  await start();
  const one = await becomes(name, ({ watchers }) => watchers.length > 0);
  assert.deepEqual([one.verdict, one.why], ["gets traffic", `${path} has it`]);
  assert.equal(one.entry.key, key);
  const [file] = one.files;
  assert.deepEqual([file?.use, file?.weight, file?.notes], ["serving", 1, []]);
  assert.deepEqual(file?.lines, {
    shown: [{ number: 1, text: "server 10.0.0.1:80 weight 1" }],
    ...{ more: 0, isExact: true },
  });
  assert.equal(file?.proxy?.generation?.how, "reloaded");
  const [{ files: own = [], ...watcher } = assert.fail("no watcher"), ...others] = one.watchers;
  assert.deepEqual([watcher, others], [{ id: "watcher.1", isSelf: true, reads: true }, []]);
  assert.deepEqual(
    own.map(({ target, state }) => [target, state]),
    [[path, "in sync"]],
  );
  assert.deepEqual((await of(key)).files, one.files);
  const lines = formatExplanation(one);
  assert.match(lines[0] ?? "", /^web\/10\.0\.0\.1:80 gets traffic: /);
  assert.ok(
    lines.some((line) => /^entry {7}\/services\/web\/10\.0\.0\.1:80@\d+, session /.test(line)),
  );
  assert.ok(lines.includes("watcher     watcher.1 (this one) reads its folder"));
  const failing = own.map((file) => ({ ...file, state: "failing" as const }));
  const odd = formatExplanation({ ...one, watchers: [{ ...watcher, files: failing }] });
  assert.equal(odd.at(-1), `watcher     watcher.1 (this one) reads its folder, ${path} failing`);
  assert.ok(report().watch);
});

test("an unknown name is met with the ones that it may have been meant to be", async (t) => {
  const { start, of } = await scene(t, ["10.0.0.1:80"]);
  await start();
  const one = await of("web/10.0.0.1:81");
  assert.equal(one.verdict, "unknown");
  assert.deepEqual(one.similar, [name]);
  assert.deepEqual((await of("wbe/10.0.0.1:80")).similar, [name]);
});

test("a draining instance is explained with the watchers that have acknowledged", async (t) => {
  const { start, becomes, put } = await scene(t, ["10.0.0.2:80"]);
  await put(key, '{"host":"10.0.0.1","port":80,"weight":0}');
  await start();
  const one = await becomes(name, ({ watchers }) => watchers[0]?.acknowledged === true);
  assert.deepEqual([one.verdict, one.views[0]?.state], ["gets no traffic", "draining"]);
  assert.equal(one.files[0]?.use, "draining");
});

test("an instance to which policies give a part, or nothing, is explained with the reasons", async (t) => {
  const all = {
    slowStart: { windowMs: 60_000, aggression: 1, min: 0.1 },
    zones: { label: "zone", value: "a", spill: 0.7, min: 1 },
  };
  const { start, becomes, put, agent, report } = await scene(t, [], {
    plan: { policies: { all, services: {} } },
    weighs: true,
  });
  const inZone = (n: number, zone: string) =>
    put(`/services/web/${n}`, JSON.stringify({ host: `10.0.0.${n}`, port: 80, labels: { zone } }));
  for (const n of [1, 2]) await inZone(n, "a");
  await inZone(3, "b");
  await start();
  const far = await becomes("web/3", ({ files }) => files[0]?.use === "absent");
  assert.deepEqual([far.verdict, far.why], ["gets no traffic", "zone b: zone a has enough"]);
  await inZone(4, "a");
  const fresh = await becomes("web/4", ({ files }) => files[0]?.use === "serving");
  const lines = formatExplanation(fresh).join("\n");
  assert.match(lines, /has it with weight \d+ of 256: slow start \S+ of 1m; zone a is preferred/);
  assert.deepEqual(fresh.files[0]?.notes, []);
  const groups = servingGroups(agent.parts.groups, agent.services());
  const [service] = overviewServices({ report: report(), pools: agent.services(), groups });
  const of = (n: number) => service?.instances.find(({ name }) => name === `web/${n}`);
  assert.deepEqual([of(1)?.state, of(1)?.why], ["serving", ""]);
  assert.deepEqual(of(3)?.state, "standby");
  assert.match(of(3)?.why ?? "", /zone b: zone a has enough/);
  assert.equal(of(4)?.state, "serving");
  assert.match(of(4)?.why ?? "", /^weight \d+ of 256: slow start/);
});

test("an instance of which the proxy refuses the entry is explained with the proxy's words", async (t) => {
  const { start, becomes, proxy } = await scene(t, ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]);
  proxy.rejects = rejecting("10.0.0.1:80");
  await start();
  const one = await becomes(name, ({ files }) => files[0]?.use === "quarantined");
  assert.equal(one.verdict, "gets no traffic");
  assert.match(one.why, /cannot resolve 10\.0\.0\.1:80/);
  assert.deepEqual(one.files[0]?.lines.shown, []);
});

test("a retained instance gets traffic although its entry is gone", async (t) => {
  const all = { maxLoss: 0.3, min: 0, retainMs: 60_000, keepEmpty: false };
  const { start, becomes, deregister } = await scene(
    t,
    ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"],
    { plan: { guard: { all, services: {} } } },
  );
  await start();
  await deregister("web", "10.0.0.1:80", "10.0.0.2:80");
  const one = await becomes(name, ({ views }) => views[0]?.state === "retained");
  assert.deepEqual([one.verdict, one.entry.isThere], ["gets traffic", false]);
  assert.ok(one.views[0]?.until !== undefined);
});

/** Other reasons of the view, each with the state and a part of the reason. */
const reasons: readonly (readonly [
  what: string,
  entries: Readonly<Record<string, string>>,
  asked: string,
  state: string,
  why: RegExp,
  options?: WatchSceneOptions,
])[] = [
  ["an invalid entry", { [key]: "damaged" }, name, "quarantined", /./],
  [
    "an address that another key has",
    { [key]: "10.0.0.1:80", "/services/web/alias": "10.0.0.1:80" },
    "web/alias",
    "not served",
    /its address 10\.0\.0\.1:80 is that of \/services\/web\/10\.0\.0\.1:80/,
  ],
  [
    "an instance beyond the limit",
    { [key]: "10.0.0.1:80", "/services/web/10.0.0.2:80": "10.0.0.2:80" },
    "web/10.0.0.2:80",
    "not served",
    /beyond watch\.limits\.instances/,
    { plan: { limits: { ...unlimited, instances: 1 } } },
  ],
  [
    "a service beyond the limit",
    { [key]: "10.0.0.1:80", "/services/api/10.0.0.2:80": "10.0.0.2:80" },
    name,
    "not served",
    /beyond watch\.limits\.services/,
    { plan: { limits: { ...unlimited, services: 1 } } },
  ],
  ["a key that is too deep", { "/services/web/a/b": "x" }, "/services/web/a/b", "quarantined", /./],
];

for (const [what, entries, asked, state, why, options] of reasons) {
  test(`${what} is explained`, async (t) => {
    const { start, put, becomes } = await scene(t, [], options);
    for (const [key, value] of Object.entries(entries)) await put(key, value);
    await start();
    const one = await becomes(asked, ({ views }) => views[0]?.state === state);
    // An address that another entry has takes requests all the same.
    const isServed = one.views[0]?.insteadKey !== undefined;
    assert.equal(one.verdict, isServed ? "gets traffic" : "gets no traffic");
    assert.match(one.why, why);
  });
}

test("an instance in a folder that is not in use is explained with the one that is", async (t) => {
  const folders = [{ path: "/new/web" }, { path: "/old/web" }];
  const sources = { web: { mode: "first" as const, folders, instances: [] } };
  const prefixes = ["/services", "/new", "/old"];
  const { start, put, becomes } = await scene(t, [], { prefixes, plan: { sources } });
  await put("/new/web/10.0.0.2:80", "10.0.0.2:80");
  await put("/old/web/10.0.0.1:80", "10.0.0.1:80");
  await start();
  const one = await becomes("web/10.0.0.1:80", ({ views }) => views[0]?.state === "not served");
  assert.equal(one.entry.key, "/old/web/10.0.0.1:80");
  assert.equal(one.verdict, "gets no traffic");
  assert.match(one.why, /such as \/new\/web\/10\.0\.0\.2:80/);
});

test("a setting is used by the files whose lines come from it", async (t) => {
  const prefixes = ["/services", "/app"];
  const setting = 'maximum {{getv "/app/maximum" "1"}}\n';
  const { start, put, becomes, of } = await scene(t, ["10.0.0.1:80"], { text: setting, prefixes });
  await put("/app/maximum", "7");
  await put("/app/other", "7");
  await start();
  const one = await becomes("/app/maximum", ({ verdict }) => verdict === "used");
  assert.deepEqual(one.files[0]?.lines.shown, [{ number: 1, text: "maximum 7" }]);
  assert.equal((await of("/app/other")).verdict, "unused");
});

test("a host name without an address is explained", async (t) => {
  const lookup = async () => {
    throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
  };
  const { start, becomes } = await scene(t, ["a.test:80", "10.0.0.2:80"], { lookup });
  await start();
  const one = await becomes("web/a.test:80", ({ files }) => files[0]?.use === "quarantined");
  assert.match(one.why, /a\.test cannot be resolved/);
});

test("a line names its keys, also in a file that was edited, and a foreign line none", async (t) => {
  const { start, becomes, line, path } = await scene(t, ["10.0.0.1:80", "10.0.0.2:80"]);
  await start();
  await becomes(name, ({ verdict }) => verdict === "gets traffic");
  const first = await line(path, 1);
  assert.deepEqual(
    [first.keys.map((one) => one.key), first.isComplete, first.notes],
    [[key], true, []],
  );
  await writeFile(path, "foreign\nserver 10.0.0.1:80 weight 1\nserver 10.0.0.2:80 weight 1\n");
  const moved = await line("out", 2);
  assert.deepEqual(
    moved.keys.map((one) => one.key),
    [key],
  );
  assert.match(moved.notes.join(), /another text/);
  assert.match((await line(path, 1)).notes.join(), /no such line/);
  await assert.rejects(line(path, 9), { code: "AGENT_LINE_UNKNOWN" });
  await assert.rejects(line("/etc/passwd", 1), { code: "AGENT_FILE_UNKNOWN" });
});
