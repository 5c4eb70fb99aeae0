import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Guarded, GuardRule } from "../../../lib/view/contract.ts";
import { emptyGuarded, guard, nextDueMs } from "../../../lib/view/guard.ts";
import { allQuarantined, pools } from "../../../lib/view/pools.ts";

const usual: GuardRule = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty: false };

/** A keyspace, what is shown of it, and a time that goes on by itself. */
class World {
  nowMs = 1000;
  readonly #all: GuardRule;
  readonly #services: Readonly<Record<string, GuardRule>>;
  #entries = new Map<string, string>();
  #snapshot = Snapshot.empty;
  guarded: Guarded = emptyGuarded("/services");

  constructor(rule: Partial<GuardRule> = {}, services: Readonly<Record<string, GuardRule>> = {}) {
    this.#all = { ...usual, ...rule };
    this.#services = services;
  }

  /** Instances by number, as they are from now on: `{ 1: "down" }` has no entry, a number is a weight. */
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

  look(afterMs = 0): this {
    this.nowMs += afterMs;
    const entries = new Map(
      [...this.#entries].map(([key, value]) => [key, { key, value, revision: "1" }]),
    );
    this.#snapshot = this.#snapshot.after({ kind: "reset", revision: "1", entries });
    return this.again();
  }

  /** The same keys, at another time. */
  again(afterMs = 0): this {
    this.nowMs += afterMs;
    const observed = pools(this.guarded.observed, this.#snapshot);
    const rules = { all: this.#all, services: this.#services };
    this.guarded = guard(this.guarded, observed, rules, this.nowMs);
    return this;
  }

  /** The numbers of the instances that are shown; those that are held in brackets. */
  shown(service = "web"): string {
    const instances = this.guarded.effective.byName.get(service)?.instances ?? [];
    return instances
      .map(({ host, retained }) => (retained ? `(${host.split(".")[3]})` : host.split(".")[3]))
      .join(" ");
  }
}

const four = { 1: 1, 2: 1, 3: 1, 4: 1 } as const;

test("the loss of everything is not believed for as long as it may be held", () => {
  const world = new World().set("web", four).look();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).look(5000);
  assert.equal(world.shown(), "(1) (2) (3) (4)");
  assert.equal(world.guarded.effective.byName.get("web")?.retained, true);
  assert.equal(nextDueMs(world.guarded), world.nowMs + 30_000);
  assert.equal(world.again(29_999).shown(), "(1) (2) (3) (4)");
  assert.equal(world.again(1).shown(), "");
  assert.deepEqual([...world.guarded.effective.byName.keys()], []);
  assert.equal(world.guarded.losses.size, 0);
});

test("as much as may be lost is believed at once, and so is a single instance", () => {
  const half = new World().set("web", four).look();
  assert.equal(half.set("web", { 1: "gone", 2: "gone" }).look().shown(), "3 4");
  const one = new World().set("web", { 1: 1 }).look();
  assert.equal(one.set("web", { 1: "gone" }).look().shown(), "");
});

test("what is lost bit by bit is held from where it becomes too much", () => {
  const world = new World().set("web", four).look();
  assert.equal(world.set("web", { 1: "gone" }).look(1000).shown(), "2 3 4");
  assert.equal(world.set("web", { 2: "gone" }).look(1000).shown(), "3 4");
  assert.equal(world.set("web", { 3: "gone" }).look(1000).shown(), "(3) 4");
  assert.equal(world.set("web", { 4: "gone" }).look(1000).shown(), "(3) (4)");
  // What was lost longer ago than it may be held is no measure any more.
  assert.equal(world.again(30_000).shown(), "");
});

test("slowly enough, everything may be lost", () => {
  const world = new World().set("web", four).look();
  const shown = [1, 2, 3, 4].map((n) =>
    world
      .set("web", { [n]: "gone" })
      .look(30_000)
      .shown(),
  );
  assert.deepEqual(shown, ["2 3 4", "3 4", "4", ""]);
});

test("what comes back is as it is now, and ends the hold where the loss can be believed then", () => {
  const world = new World().set("web", four).look();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).look();
  assert.equal(world.set("web", { 2: 7 }).look(1000).shown(), "(1) 2 (3) (4)");
  assert.equal(world.guarded.effective.byName.get("web")?.instances[1]?.weight, 7);
  assert.equal(world.set("web", { 1: 1 }).look(1000).shown(), "1 2");
  assert.equal(world.guarded.effective, world.guarded.observed);
});

test("others may take the place of those that went", () => {
  const world = new World().set("web", four).look();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  assert.equal(
    world
      .set("web", { ...gone, 5: 1, 6: 1 })
      .look()
      .shown(),
    "5 6",
  );
  assert.equal(world.set("web", { 5: "gone", 6: "gone", 7: 1 }).look().shown(), "(5) (6) 7");
  assert.equal(world.set("web", { 8: 1 }).look().shown(), "7 8");
});

test("what is new or changed is shown at once beside what is held", () => {
  const world = new World().set("web", four).look();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).look();
  assert.equal(world.set("web", { 4: 9 }).look().shown(), "(1) (2) (3) 4");
  assert.equal(world.guarded.effective.byName.get("web")?.instances[3]?.weight, 9);
});

test("an instance under another key is the same at the same address", () => {
  const world = new World().set("web", four).look();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).look();
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

test("whoever took no requests when it went has said that it would go", () => {
  const world = new World({ min: 2, keepEmpty: true }).set("web", four).look();
  world.set("web", { 1: 0, 2: 0, 3: 0, 4: 0 }).look();
  assert.equal(world.set("web", { 1: "gone", 2: "gone", 3: "gone" }).look().shown(), "4");
  assert.equal(world.set("web", { 4: "gone" }).look().shown(), "");
});

test("whoever leaves with notice makes no one else's leave too much", () => {
  const world = new World().set("web", four).look();
  assert.equal(world.set("web", { 1: "gone" }).look().shown(), "2 3 4");
  world.set("web", { 2: 0 }).look();
  // Of the three that did not say so one had gone, and now it is one more: two of three.
  assert.equal(world.set("web", { 2: "gone", 3: "gone" }).look().shown(), "(3) 4");
  const other = new World().set("web", four).look();
  other.set("web", { 1: 0, 2: 0 }).look();
  assert.equal(other.set("web", { 1: "gone", 2: "gone", 3: "gone" }).look().shown(), "4");
});

test("how many said that they would go is no measure of what is lost", () => {
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [10 + i, 1]));
  const world = new World().set("web", ten).look();
  world.set("web", { 10: "gone" }).look();
  world.set("web", { 11: 0, 12: 0, 13: 0, 14: 0, 15: 0 }).look();
  // Two of five, not seven of ten.
  assert.equal(world.set("web", { 16: "gone" }).look().shown(), "11 12 13 14 15 17 18 19");
});

test("each service is held for its own time", () => {
  const world = new World().set("web", four).set("api", four).look();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  world.set("web", gone).look();
  world.set("api", gone).look(10_000);
  world.again(20_000);
  assert.deepEqual([world.shown("web"), world.shown("api")], ["", "(1) (2) (3) (4)"]);
});

test("fewer than the least are not believed, be it the loss of one", () => {
  const world = new World({ min: 2, maxLoss: 1 }).set("web", { 1: 1, 2: 1, 3: 1 }).look();
  assert.equal(world.set("web", { 1: "gone" }).look().shown(), "2 3");
  assert.equal(world.set("web", { 2: "gone" }).look(1000).shown(), "(2) 3");
  assert.equal(world.set("web", { 4: 1 }).look(1000).shown(), "3 4");
  const few = new World({ min: 5 }).set("web", { 1: 1 }).look();
  assert.equal(few.shown(), "1", "what never was there is not missed");
});

test("an empty service keeps its last instances for ever, if that is asked for", () => {
  const world = new World({ keepEmpty: true }).set("web", { 1: 1 }).look();
  world.set("web", { 1: "gone" }).look();
  assert.equal(nextDueMs(world.guarded), Number.POSITIVE_INFINITY);
  assert.equal(world.again(1e9).shown(), "(1)");
  assert.equal(world.set("web", { 2: 1 }).look().shown(), "2", "there are others");
});

test("when one of many is there again, the others are held for the usual time", () => {
  const world = new World({ keepEmpty: true }).set("web", four).look();
  world.set("web", { 1: "gone", 2: "gone", 3: "gone", 4: "gone" }).look();
  assert.equal(world.set("web", { 3: 1 }).look(1e9).shown(), "(1) (2) 3 (4)");
  assert.equal(nextDueMs(world.guarded), world.nowMs + 30_000);
  assert.equal(world.again(30_000).shown(), "3");
});

test("a service may have rules of its own", () => {
  const own = { ...usual, maxLoss: 1 };
  const world = new World({}, { api: own }).set("web", four).set("api", four).look();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  world.set("web", gone).set("api", gone).look();
  assert.deepEqual([world.shown("web"), world.shown("api")], ["(1) (2) (3) (4)", ""]);
});

test("entries that have become unusable are lost too, and stay in quarantine", () => {
  const world = new World().set("web", four).look();
  assert.equal(world.set("web", { 1: "bad" }).look().shown(), "2 3 4");
  world.set("web", { 2: "bad", 3: "bad", 4: "bad" }).look();
  assert.equal(world.shown(), "(2) (3) (4)");
  assert.equal(allQuarantined(world.guarded.effective).length, 4);
});

test("whoever asks for keys sees what is held as well, as it was last", () => {
  const world = new World().set("web", four).set("api", { 9: 1 }).look();
  const before = world.guarded.observed.snapshot;
  world.set("web", { 1: "gone", 2: "gone", 3: "bad" }).look();
  const { effective: shown, observed } = world.guarded;
  for (const n of [1, 2, 3, 4]) {
    const key = `/services/web/10.0.0.${n}:80`;
    assert.equal(shown.snapshot.get(key), before.get(key));
  }
  assert.equal(observed.snapshot.get("/services/web/10.0.0.1:80"), undefined);
  assert.equal(world.again(30_000).guarded.effective.snapshot, world.guarded.observed.snapshot);
});

test("services keep their place, and what does not change its identity", () => {
  const world = new World().set("web", four).set("api", four).set("zoo", { 1: 1 }).look();
  const gone = { 1: "gone", 2: "gone", 3: "gone", 4: "gone" } as const;
  const before = world.set("web", gone).look().guarded.effective;
  assert.deepEqual([...before.byName.keys()], ["api", "web", "zoo"]);
  assert.equal(world.again(10).guarded.effective, before, "the same question");
  const after = world.set("zoo", { 2: 1 }).look().guarded.effective;
  assert.equal(after.byName.get("web"), before.byName.get("web"));
  assert.equal(after.byName.get("api"), before.byName.get("api"));
  assert.notEqual(after.byName.get("zoo"), before.byName.get("zoo"));
});
