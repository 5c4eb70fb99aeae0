import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Guarded, GuardRule } from "../../../lib/view/contract.ts";
import { emptyGuarded, guard, nextDueMs } from "../../../lib/view/guard.ts";
import { allQuarantined, pools } from "../../../lib/view/pools.ts";

const usual: GuardRule = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty: false };

/** A keyspace, its guarded state, and a manual time. */
class World {
  nowMs = 1000;
  readonly #all: GuardRule;
  readonly #services: Readonly<Record<string, GuardRule>>;
  #entries = new Map<string, string>();
  #snapshot = Snapshot.empty;
  guarded: Guarded = emptyGuarded("/services");
  readonly quarantined = new Set<string>();

  constructor(rule: Partial<GuardRule> = {}, services: Readonly<Record<string, GuardRule>> = {}) {
    this.#all = { ...usual, ...rule };
    this.#services = services;
  }

  /** Sets instances by number: to a weight, to `gone` (no entry) or to `bad` (an invalid entry). */
  set(service: string, instances: Readonly<Record<number, number | "gone" | "bad">>): this {
    for (const [n, state] of Object.entries(instances)) {
      const key = `/services/${service}/10.0.0.${n}:80`;
      const value =
        state === "bad" ? "{" : JSON.stringify({ host: `10.0.0.${n}`, port: 80, weight: state });
      if (state === "gone") this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
    return this;
  }

  observe(afterMs = 0): this {
    this.nowMs += afterMs;
    const entries = new Map(
      [...this.#entries].map(([key, value]) => [key, { key, value, revision: "1" }]),
    );
    this.#snapshot = this.#snapshot.after({ kind: "reset", revision: "1", entries });
    return this.wait();
  }

  /** Guards the same keys at a later time. */
  wait(afterMs = 0): this {
    this.nowMs += afterMs;
    const observed = pools(this.guarded.observed, this.#snapshot);
    const rules = { all: this.#all, services: this.#services };
    const isQuarantined = ({ key }: Entry) => this.quarantined.has(key);
    this.guarded = guard(this.guarded, observed, rules, this.nowMs, isQuarantined);
    return this;
  }

  /** The numbers of the effective instances; retained ones in parentheses. */
  shown(service = "web"): string {
    const instances = this.guarded.effective.byName.get(service)?.instances ?? [];
    return instances
      .map(({ host, retained }) => (retained ? `(${host.split(".")[3]})` : host.split(".")[3]))
      .join(" ");
  }
}

const four = { 1: 1, 2: 1, 3: 1, 4: 1 } as const;

test("all lost instances are retained for the configured time", () => {
  const world = new World().set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).observe(5000);
  assert.equal(world.shown(), "(1) (2) (3) (4)");
  assert.equal(world.guarded.effective.byName.get("web")?.retained, true);
  assert.equal(nextDueMs(world.guarded), world.nowMs + 30_000);
  assert.equal(world.wait(29_999).shown(), "(1) (2) (3) (4)");
  assert.equal(world.wait(1).shown(), "");
  assert.deepEqual([...world.guarded.effective.byName.keys()], []);
  assert.equal(world.guarded.losses.size, 0);
});

test("a permitted loss takes effect at once, and so does the loss of a single instance", () => {
  const half = new World().set("web", four).observe();
  assert.equal(half.set("web", { 1: "gone", 2: "gone" }).observe().shown(), "3 4");
  const one = new World().set("web", { 1: 1 }).observe();
  assert.equal(one.set("web", { 1: "gone" }).observe().shown(), "");
});

test("instances that are lost one by one are retained from the point where the loss is too great", () => {
  const world = new World().set("web", four).observe();
  assert.equal(world.set("web", { 1: "gone" }).observe(1000).shown(), "2 3 4");
  assert.equal(world.set("web", { 2: "gone" }).observe(1000).shown(), "3 4");
  assert.equal(world.set("web", { 3: "gone" }).observe(1000).shown(), "(3) 4");
  assert.equal(world.set("web", { 4: "gone" }).observe(1000).shown(), "(3) (4)");
  // Instances that were lost longer ago no longer count.
  assert.equal(world.wait(30_000).shown(), "");
});

test("all instances may be lost if it happens slowly enough", () => {
  const world = new World().set("web", four).observe();
  const shown = [1, 2, 3, 4].map((n) =>
    world
      .set("web", { [n]: "gone" })
      .observe(30_000)
      .shown(),
  );
  assert.deepEqual(shown, ["2 3 4", "3 4", "4", ""]);
});

test("an instance that comes back has its new state, and ends the retention if the loss is permitted then", () => {
  const world = new World().set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).observe();
  assert.equal(world.set("web", { 2: 7 }).observe(1000).shown(), "(1) 2 (3) (4)");
  assert.equal(world.guarded.effective.byName.get("web")?.instances[1]?.weight, 7);
  assert.equal(world.set("web", { 1: 1 }).observe(1000).shown(), "1 2");
  assert.equal(world.guarded.effective, world.guarded.observed);
});

test("new instances may replace lost ones", () => {
  const world = new World().set("web", four).observe();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  assert.equal(
    world
      .set("web", { ...gone, 5: 1, 6: 1 })
      .observe()
      .shown(),
    "5 6",
  );
  assert.equal(world.set("web", { 5: "gone", 6: "gone", 7: 1 }).observe().shown(), "(5) (6) 7");
  assert.equal(world.set("web", { 8: 1 }).observe().shown(), "7 8");
});

test("new and changed instances take effect at once beside retained ones", () => {
  const world = new World().set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).observe();
  assert.equal(world.set("web", { 4: 9 }).observe().shown(), "(1) (2) (3) 4");
  assert.equal(world.guarded.effective.byName.get("web")?.instances[3]?.weight, 9);
});

test("an instance with another key at the same address is the same", () => {
  const world = new World().set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).observe();
  const entry = { key: "/services/web/a", value: "10.0.0.1:80", revision: "2" };
  const { observed } = world.guarded;
  const put = new Map([[entry.key, entry]]);
  const snapshot = observed.snapshot.after({ kind: "delta", revision: "2", put, gone: [] });
  const rules = { all: usual, services: {} };
  const { effective: shown } = guard(world.guarded, pools(observed, snapshot), rules, world.nowMs);
  const instances = shown.byName.get("web")?.instances ?? [];
  assert.deepEqual(
    instances.map(({ id, retained }) => `${id}${retained ? "?" : ""}`),
    ["10.0.0.2:80?", "10.0.0.3:80?", "10.0.0.4:80?", "a"],
  );
});

test("drained instances do not count as lost", () => {
  const world = new World({ min: 2, keepEmpty: true }).set("web", four).observe();
  world.set("web", { 1: 0, 2: 0, 3: 0, 4: 0 }).observe();
  assert.equal(world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).observe().shown(), "4");
  assert.equal(world.set("web", { 4: "gone" }).observe().shown(), "");
});

test("drained instances do not make the loss of others too great", () => {
  const world = new World().set("web", four).observe();
  assert.equal(world.set("web", { 1: "gone" }).observe().shown(), "2 3 4");
  world.set("web", { 2: 0 }).observe();
  // Of the three that were not drained, one was lost before and one is lost now: two of three.
  assert.equal(world.set("web", { 2: "gone", 3: "gone" }).observe().shown(), "(3) 4");
  const other = new World().set("web", four).observe();
  other.set("web", { 1: 0, 2: 0 }).observe();
  assert.equal(other.set("web", { 1: "gone", 2: "gone", 3: "gone" }).observe().shown(), "4");
});

test("drained instances are not part of the number against which a loss is measured", () => {
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [10 + i, 1]));
  const world = new World().set("web", ten).observe();
  world.set("web", { 10: "gone" }).observe();
  world.set("web", { 11: 0, 12: 0, 13: 0, 14: 0, 15: 0 }).observe();
  // Two of five, not seven of ten.
  assert.equal(world.set("web", { 16: "gone" }).observe().shown(), "11 12 13 14 15 17 18 19");
});

test("each service has its own retention time", () => {
  const world = new World().set("web", four).set("api", four).observe();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  world.set("web", gone).observe();
  world.set("api", gone).observe(10_000);
  world.wait(20_000);
  assert.deepEqual([world.shown("web"), world.shown("api")], ["", "(1) (2) (3) (4)"]);
});

test("fewer instances than the minimum are not permitted, even by the loss of one", () => {
  const world = new World({ min: 2, maxLoss: 1 }).set("web", { 1: 1, 2: 1, 3: 1 }).observe();
  assert.equal(world.set("web", { 1: "gone" }).observe().shown(), "2 3");
  assert.equal(world.set("web", { 2: "gone" }).observe(1000).shown(), "(2) 3");
  assert.equal(world.set("web", { 4: 1 }).observe(1000).shown(), "3 4");
  const few = new World({ min: 5 }).set("web", { 1: 1 }).observe();
  assert.equal(few.shown(), "1", "only lost instances are retained");
});

test("an empty service keeps its last instances for ever if so configured", () => {
  const world = new World({ keepEmpty: true }).set("web", { 1: 1 }).observe();
  world.set("web", { 1: "gone" }).observe();
  assert.equal(nextDueMs(world.guarded), Number.POSITIVE_INFINITY);
  assert.equal(world.wait(1e9).shown(), "(1)");
  assert.equal(world.set("web", { 2: 1 }).observe().shown(), "2", "there is a new one");
});

test("when one of many is back, the others are retained for the usual time", () => {
  const world = new World({ keepEmpty: true }).set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).observe();
  assert.equal(world.set("web", { 3: 1 }).observe(1e9).shown(), "(1) (2) 3 (4)");
  assert.equal(nextDueMs(world.guarded), world.nowMs + 30_000);
  assert.equal(world.wait(30_000).shown(), "3");
});

test("a service may have its own rule", () => {
  const own = { ...usual, maxLoss: 1 };
  const world = new World({}, { api: own }).set("web", four).set("api", four).observe();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  world.set("web", gone).set("api", gone).observe();
  assert.deepEqual([world.shown("web"), world.shown("api")], ["(1) (2) (3) (4)", ""]);
});

test("entries that have become invalid count as lost too, and stay quarantined", () => {
  const world = new World().set("web", four).observe();
  assert.equal(world.set("web", { 1: "bad" }).observe().shown(), "2 3 4");
  world.set("web", { 2: "bad", 3: "bad", 4: "bad" }).observe();
  assert.equal(world.shown(), "(2) (3) (4)");
  assert.equal(allQuarantined(world.guarded.effective).length, 4);
});

test("the effective snapshot has the last entries of retained instances", () => {
  const world = new World().set("web", four).set("api", { 9: 1 }).observe();
  const before = world.guarded.observed.snapshot;
  world.set("web", { 1: "gone", 2: "gone", 3: "bad" }).observe();
  const { effective: shown, observed } = world.guarded;
  for (const n of [1, 2, 3, 4]) {
    const key = `/services/web/10.0.0.${n}:80`;
    assert.equal(shown.snapshot.get(key), before.get(key));
  }
  assert.equal(observed.snapshot.get("/services/web/10.0.0.1:80"), undefined);
  assert.equal(world.wait(30_000).guarded.effective.snapshot, world.guarded.observed.snapshot);
});

test("services keep their order, and unchanged ones their identity", () => {
  const world = new World().set("web", four).set("api", four).set("zoo", { 1: 1 }).observe();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  const before = world.set("web", gone).observe().guarded.effective;
  assert.deepEqual([...before.byName.keys()], ["api", "web", "zoo"]);
  assert.equal(world.wait(10).guarded.effective, before, "nothing has changed");
  const after = world.set("zoo", { 2: 1 }).observe().guarded.effective;
  assert.equal(after.byName.get("web"), before.byName.get("web"));
  assert.equal(after.byName.get("api"), before.byName.get("api"));
  assert.notEqual(after.byName.get("zoo"), before.byName.get("zoo"));
});

test("quarantined instances do not count as lost, nor make the loss of others too great", () => {
  const world = new World().set("web", four).observe();
  for (const n of [1, 2]) world.quarantined.add(`/services/web/10.0.0.${n}:80`);
  assert.equal(world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).observe().shown(), "4");
  assert.equal(world.set("web", { 4: "gone" }).observe().shown(), "(4)", "two of two");
});

test("a retained instance that is quarantined afterwards is retained no longer", () => {
  const world = new World().set("web", four).observe();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).observe();
  assert.equal(world.shown(), "(1) (2) (3) 4");
  world.quarantined.add("/services/web/10.0.0.2:80");
  assert.equal(world.set("web", { 5: 0 }).observe().shown(), "(1) (3) 4 5");
});
