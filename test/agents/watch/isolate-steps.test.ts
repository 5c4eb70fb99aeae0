import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openGroups } from "../../../agents/watch/groups.ts";
import { applyIsolatingBadEntries } from "../../../agents/watch/isolate.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { Views } from "../../../lib/view/views.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { template } from "./scene.ts";

/** A group whose check rejects ports of 4 digits without a message. Each reconciliation makes one step of a search. */
async function stepwise(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [source, path] = [join(folder, "t.hbs"), join(folder, "out")];
  await writeFile(source, template);
  const run = ["sh", "-c", `! grep -qE ':[0-9]{4}' "$0"`, "{candidate}"];
  const target = { path, check: { run, timeout: 3_600_000 } };
  const [clock, log, random] = [new ManualClock(), new RecordingLog(), () => 0];
  const all = { maxLoss: 1, min: 0, retainMs: 0, keepEmpty: false };
  const rules = { services: "/services", limits: unlimited, guard: { all, services: {} } };
  const plan = { name: "t.hbs", source, target, prefixes: ["/services"], format: "plain" } as const;
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const [group] = await openGroups(
    {
      ...{ ...rules, settle: { quietMs: 0, atMostMs: 0 }, acknowledge: false, drift: "report" },
      resolve: false,
      ...{ retry: { firstMs: 1000, maxMs: 1000 }, templates: [plan] },
    },
    { clock, random, env: {}, resolver, shipped: folder },
  );
  assert.ok(group);
  const views = new Views(rules, clock, log);
  let snapshot = Snapshot.empty;
  /** Reconciles once, with instances by address with their weights. */
  const reconcile = async (weights: Readonly<Record<string, number>>) => {
    const entries = Object.entries(weights).map(([address, weight]) => {
      const [host, port] = address.split(":");
      const key = `/services/web/${address}`;
      const value = JSON.stringify({ host, port: Number(port), weight });
      return [key, { key, value, revision: "1" }] as const;
    });
    snapshot = snapshot.after({ kind: "reset", revision: "1", entries: new Map(entries) });
    const deps = { clock, log, searchMs: 0 };
    const { isComplete, served } = await applyIsolatingBadEntries(
      group,
      views.of(snapshot),
      deps,
      never,
    );
    const text = (await readFile(path, "utf8")).replace("web: ", "").trim();
    return { isComplete, text, served };
  };
  return { reconcile, group };
}

const bad = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`10.0.1.${i}:8080`, 1]));

test("while a search goes on, removed and drained instances take effect, and the others stay", async (t) => {
  const { reconcile, group } = await stepwise(t);
  await reconcile({ "10.0.0.1:80": 1, "10.0.0.2:80": 1, "10.0.0.3:80": 1 });
  const now = { "10.0.0.2:80": 0, "10.0.0.3:80": 1, "10.0.0.4:80": 1, ...bad };
  const { isComplete, text, served } = await reconcile(now);
  assert.ok(!isComplete);
  assert.equal(text, "10.0.0.2:80*0 10.0.0.3:80*1", "without the removed one");
  const weights = served.byName.get("web")?.instances.map(({ weight }) => weight);
  assert.equal(weights?.[0], 0, "the drained one may be acknowledged");
  let rounds = 1;
  for (let isDone = false; !isDone; rounds += 1) ({ isComplete: isDone } = await reconcile(now));
  assert.equal((await reconcile(now)).text, "10.0.0.2:80*0 10.0.0.3:80*1 10.0.0.4:80*1");
  assert.equal(group.quarantine.quarantined.length, 8);
  assert.ok(rounds > 3 && rounds < 40);
});

test("changes during a search are served, and the search goes on", async (t) => {
  const { reconcile, group } = await stepwise(t);
  const before = { "10.0.0.1:80": 1, "10.0.0.2:80": 1 };
  await reconcile(before);
  const now = { ...before, "10.0.0.4:80": 1, ...bad };
  for (let i = 0; i < 3; i += 1) assert.ok(!(await reconcile(now)).isComplete);
  const drained = { ...now, "10.0.0.1:80": 0 };
  const { isComplete, text } = await reconcile(drained);
  assert.ok(!isComplete);
  assert.match(text, /10\.0\.0\.1:80\*0/, "in the next step");
  for (let isDone = false; !isDone; ) ({ isComplete: isDone } = await reconcile(drained));
  assert.equal(group.quarantine.quarantined.length, 8);
  assert.equal((await reconcile(drained)).text, "10.0.0.1:80*0 10.0.0.2:80*1 10.0.0.4:80*1");
});

test("an undecided instance that drains is not acknowledged with its earlier weight", async (t) => {
  const { reconcile, group } = await stepwise(t);
  const before = { "10.0.0.1:80": 1, "10.0.0.2:80": 1 };
  await reconcile(before);
  // The check now rejects the drained state, too: it stays undecided for some steps.
  const now = { "10.0.0.1:8080": 0, "10.0.0.2:80": 0, ...bad };
  const { served, text, isComplete } = await reconcile(now);
  assert.ok(!isComplete);
  for (const { address, weight } of served.byName.get("web")?.instances ?? []) {
    assert.ok(weight > 0 || text.includes(`${address}*0`) || !text.includes(address));
  }
  assert.ok(group.search);
});

test("without an accepted set before, the search ends before anything is written", async (t) => {
  const { reconcile } = await stepwise(t);
  const now = { "10.0.0.1:80": 1, ...bad };
  let rounds = 0;
  for (let isDone = false; !isDone; rounds += 1) {
    try {
      const { isComplete, text } = await reconcile(now);
      isDone = isComplete;
      assert.equal(text, "10.0.0.1:80*1");
    } catch (error) {
      assert.ok(error instanceof Fault && error.code === "INSTALL_CHECK_FAILED");
    }
    assert.ok(rounds < 40);
  }
  assert.ok(rounds > 1);
});
