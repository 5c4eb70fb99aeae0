import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { apply } from "../../../agents/watch/apply.ts";
import type { TemplateGroup } from "../../../agents/watch/groups.ts";
import { GroupPin } from "../../../agents/watch/pin/group-pin.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { systemClock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { TemplatePlan } from "../../../lib/config/plan.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { ReloadLimiter } from "../../../lib/proxy/reload-limiter.ts";
import { TemplateFile } from "../../../lib/render/template-file.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { Quarantine } from "../../../lib/view/quarantine.ts";
import { Unrenderable } from "../../../lib/view/unrenderable.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

function poolsOf(...addresses: string[]) {
  const entries = addresses.map((address): [string, Entry] => {
    const key = `/services/web/${address}`;
    return [key, { key, value: address, revision: "1" }];
  });
  const snapshot = Snapshot.empty.after({
    kind: "reset",
    revision: "1",
    entries: new Map(entries),
  });
  return pools(emptyPools("/services"), snapshot);
}

/** A group of two files for one proxy, which fails with the fault that `reject` returns. */
async function groupOf(
  t: TestContext,
  reject: () => Fault | undefined,
  intervalMs = 0,
  text = "{{#each services}}{{#each instances}}{{address}} {{/each}}{{/each}}",
) {
  const clock = new ManualClock();
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "t.hbs"), text);
  const unresolvable = new Set<string>();
  const file = async (name: string) => {
    const plan: TemplatePlan = {
      name: "t.hbs",
      source: join(folder, "t.hbs"),
      target: { path: join(folder, name) },
      ...{ prefixes: ["/services"], required: ["/services"] },
      format: "plain",
    };
    const lookup = async (host: string) => {
      if (unresolvable.has(host)) throw new Error(`ENOTFOUND ${host}`);
      return [{ address: host }];
    };
    const resolver = { lookup, resolveSrv: async () => [] };
    return {
      plan,
      source: await TemplateFile.open(plan, { env: {}, resolver, shipped: folder }),
    };
  };
  const changes: (readonly string[])[] = [];
  const group: TemplateGroup = {
    title: "a, b",
    prefixes: ["/services"],
    required: ["/services"],
    edits: new Cell(0),
    retries: new Cell(0),
    files: [await file("a"), await file("b")],
    proxy: {
      title: "proxy",
      apply: async ({ files }) => {
        changes.push(
          files.map(({ target, loaded = "?", desired }) => {
            return `${target.slice(folder.length + 1)}: ${loaded}→ ${desired}`;
          }),
        );
        const fault = reject();
        if (fault) throw fault;
        return "reloaded";
      },
    },
    limiter: new ReloadLimiter(intervalMs, clock),
    quarantine: new Quarantine({ firstMs: 1000, maxMs: 8000 }, clock, () => 0),
    pin: new GroupPin(),
    unrenderable: new Unrenderable({ firstMs: 1000, maxMs: 8000 }, clock, () => 0),
    resolvesNames: false,
    verified: undefined,
  };
  const log = new RecordingLog();
  const deps = { clock: systemClock, log };
  return {
    changes,
    group,
    log,
    unresolvable,
    clock,
    apply: (...addresses: string[]) => apply(group, poolsOf(...addresses), deps, never),
    texts: async () =>
      await Promise.all(["a", "b"].map((name) => readFile(join(folder, name), "utf8"))),
    names: async () => (await readdir(folder)).sort(),
  };
}

test("a proxy loads all its files at once, and none if nothing has changed", async (t) => {
  const group = await groupOf(t, () => undefined);
  assert.equal((await group.apply("10.0.0.1:80")).kind, "applied");
  assert.deepEqual(await group.texts(), ["10.0.0.1:80 ", "10.0.0.1:80 "]);
  assert.equal((await group.apply("10.0.0.1:80")).kind, "same");
  await group.apply("10.0.0.2:80");
  assert.deepEqual(group.changes, [
    ["a: ?→ 10.0.0.1:80 ", "b: ?→ 10.0.0.1:80 "],
    ["a: 10.0.0.1:80 → 10.0.0.2:80 ", "b: 10.0.0.1:80 → 10.0.0.2:80 "],
  ]);
});

test("rejected files are rolled back, and retried although the keys have not changed", async (t) => {
  let isRejecting = false;
  const rejected = new Fault("PROXY_REJECTED", true, "no");
  const group = await groupOf(t, () => (isRejecting ? rejected : undefined));
  await group.apply("10.0.0.1:80");
  isRejecting = true;
  await assert.rejects(group.apply("10.0.0.2:80"), { code: "PROXY_REJECTED" });
  assert.deepEqual(await group.texts(), ["10.0.0.1:80 ", "10.0.0.1:80 "]);
  isRejecting = false;
  assert.equal((await group.apply("10.0.0.2:80")).kind, "applied");
  assert.deepEqual(await group.texts(), ["10.0.0.2:80 ", "10.0.0.2:80 "]);
});

test("after a rejection the proxy loads even the files that it served before", async (t) => {
  let isRejecting = false;
  const group = await groupOf(t, () =>
    isRejecting ? new Fault("PROXY_REJECTED", true, "no") : undefined,
  );
  await group.apply("10.0.0.1:80");
  isRejecting = true;
  await assert.rejects(group.apply("10.0.0.2:80"));
  isRejecting = false;
  assert.equal(
    (await group.apply("10.0.0.1:80")).kind,
    "applied",
    "the served files were not known",
  );
  assert.deepEqual(group.changes.at(-1), ["a: ?→ 10.0.0.1:80 ", "b: ?→ 10.0.0.1:80 "]);
});

test("a rejected first file is removed; the first file for a proxy that is not running is kept", async (t) => {
  let fault = new Fault("PROXY_REJECTED", true, "no");
  const group = await groupOf(t, () => fault);
  await assert.rejects(group.apply("10.0.0.1:80"));
  assert.deepEqual(await group.names(), ["t.hbs"]);
  fault = new Fault("PROXY_NOT_RUNNING", true, "not there");
  await assert.rejects(group.apply("10.0.0.1:80"));
  assert.deepEqual(await group.names(), ["a", "b", "t.hbs"]);
});

test("a reload within the interval is deferred and nothing is written; then all changes are applied at once", async (t) => {
  const group = await groupOf(t, () => undefined, 1000);
  await group.apply("10.0.0.1:80");
  await group.clock.advance(400);
  assert.deepEqual(await group.apply("10.0.0.2:80"), { kind: "deferred", waitMs: 600 });
  assert.deepEqual(await group.texts(), ["10.0.0.1:80 ", "10.0.0.1:80 "]);
  assert.deepEqual(await group.apply("10.0.0.1:80"), { kind: "same" }, "nothing is deferred");
  assert.equal((await group.apply("10.0.0.3:80")).kind, "deferred");
  await group.clock.advance(600);
  assert.equal((await group.apply("10.0.0.2:80", "10.0.0.3:80")).kind, "applied");
  assert.equal(group.changes.length, 2);
  await group.clock.advance(1000);
  assert.equal((await group.apply("10.0.0.4:80")).kind, "applied", "the interval has passed");
});

test("a name that cannot be resolved is left out of the files, logged, and due to be tried again", async (t) => {
  const template =
    "{{#each services}}{{#each instances}}{{#each (lookupIP host)}}{{this}} {{/each}}{{/each}}{{/each}}";
  const {
    apply: applied,
    texts,
    group,
    log,
    unresolvable,
  } = await groupOf(t, () => undefined, 0, template);
  unresolvable.add("b");
  await applied("a:80", "b:80", "c:80");
  assert.deepEqual(await texts(), ["a c ", "a c "]);
  assert.deepEqual(
    new Set(group.unrenderable.quarantined.map(({ key }) => key)),
    new Set(["/services/web/b:80"]),
  );
  assert.equal(group.unrenderable.retryInMs, 500);
  const quarantined = () => log.lines.filter(({ event }) => event.startsWith("quarantine"));
  assert.equal((await applied("a:80", "b:80", "c:80")).kind, "same");
  assert.match(
    quarantined()
      .map(({ message }) => message)
      .join("\n"),
    /^\/services\/web\/b:80 \(revision 1\) is quarantined, .*: t\.hbs:1:\d+: b cannot be resolved \(key \/services\/web\/b:80\)$/,
  );
  unresolvable.clear();
  assert.equal((await applied("a:80", "b:80", "c:80")).kind, "applied");
  assert.deepEqual(await texts(), ["a b c ", "a b c "]);
  assert.equal(group.unrenderable.retryInMs, undefined);
  assert.equal(quarantined().at(-1)?.event, "quarantine_ended");
});

test("the first rendering from no keys is a warning that names the prefixes", async (t) => {
  const { log, apply } = await groupOf(t, () => undefined);
  const warnings = () => log.lines.filter(({ event }) => event === "no_keys");
  await apply();
  assert.match(
    warnings()[0]?.message ?? "",
    /is rendered from no keys: there are none below \/services$/,
  );
  assert.equal(warnings().length, 2, "one for each file");
  await apply("10.0.0.1:80");
  await apply();
  assert.equal(warnings().length, 2);
});

test("a template that reads no keys is rendered without a warning", async (t) => {
  const { log, apply } = await groupOf(t, () => undefined, 0, "user www {{add 1 2}}");
  await apply();
  assert.deepEqual(
    log.lines.filter(({ level }) => level === "warn"),
    [],
  );
});
