import assert from "node:assert/strict";
import { test } from "node:test";
import { Bisection } from "../../../lib/view/bisect.ts";
import { seeded } from "../../support/random.ts";

/** Which items a message names among the ones that are rejected. */
type Naming = (bad: readonly number[], group: readonly number[]) => readonly number[];

const unnamed: Naming = () => [];

interface Found {
  readonly accepted: readonly number[];
  readonly culprits: readonly number[];
  /** How many sets were asked for. */
  readonly questions: number;
}

/** Answers until all items are decided: a set is accepted unless it contains one of these sets. */
function find(
  items: readonly number[],
  forbidden: readonly (readonly number[])[],
  naming = unnamed,
  isRejected = true,
): Found {
  const rejection = (has: (item: number) => boolean, group: readonly number[]) => {
    const bad = forbidden.filter((one) => one.every(has)).flat();
    if (bad.length === 0) return undefined;
    return { named: naming(bad, group).map((item) => ({ item, why: `${item}` })), why: "no" };
  };
  const all = new Set(items);
  const first = isRejected ? rejection((item) => all.has(item), items) : undefined;
  const bisection = new Bisection(items, first);
  for (let questions = 0; ; questions += 1) {
    const { probe, accepted } = bisection;
    if (!probe) {
      const culprits = bisection.culprits.map(({ item }) => item);
      return { accepted: [...accepted].sort(order), culprits: culprits.sort(order), questions };
    }
    assert.ok(probe.length > 0 && questions < 10 * items.length + 10);
    const probed = new Set(probe);
    const rejected = rejection((item) => accepted.has(item) || probed.has(item), probe);
    if (rejected) bisection.reject(rejected);
    else bisection.accept();
  }
}

const order = (a: number, b: number) => a - b;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const alone = (items: readonly number[]) => items.map((item) => [item]);

test("of up to ten items, every set of culprits is found, whatever messages name", () => {
  const namings: readonly Naming[] = [
    unnamed,
    (bad) => bad,
    (bad) => bad.slice(0, 1),
    (bad) => bad.filter((item) => item % 2 === 0),
  ];
  for (const count of [1, 2, 3, 7, 10]) {
    const items = upTo(count);
    for (let mask = 1; mask < 2 ** count; mask += 1) {
      const bad = items.filter((item) => mask & (1 << item));
      const good = items.filter((item) => !(mask & (1 << item)));
      for (const naming of namings) {
        for (const isRejected of [true, false]) {
          const { accepted, culprits } = find(items, alone(bad), naming, isRejected);
          assert.deepEqual({ accepted, culprits }, { accepted: good, culprits: bad });
        }
      }
    }
  }
});

test("a message that names a good item costs that one, and no other", () => {
  const items = upTo(10);
  for (const bad of items) {
    for (const named of items) {
      const { accepted, culprits } = find(items, [[bad]], (_, group) =>
        group.filter((item) => item === named),
      );
      assert.ok(culprits.includes(bad) && !accepted.includes(bad));
      const others = items.filter((item) => item !== bad && item !== named);
      assert.ok(others.every((item) => accepted.includes(item)));
    }
  }
});

test("of items that are rejected only together, all but one are accepted", () => {
  const items = upTo(9);
  for (const a of items) {
    for (const b of items.filter((item) => item > a)) {
      const { accepted, culprits } = find(items, [[a, b]]);
      assert.equal(accepted.length, 8);
      assert.deepEqual(culprits, [b], "the first one stays");
    }
  }
});

test("one culprit of n takes about log₂ n questions, k culprits about k·log₂(n/k) + 2k, and n if all are", () => {
  const random = seeded(7);
  for (const [count, bad] of [
    [1000, 1],
    [1000, 5],
    [1000, 20],
    [1000, 200],
    [20_000, 3],
  ] as const) {
    let [sum, most] = [0, 0];
    for (let round = 0; round < 20; round += 1) {
      const culprits = new Set<number>();
      while (culprits.size < bad) culprits.add(Math.floor(random() * count));
      const { questions } = find(upTo(count), alone([...culprits]));
      sum += questions;
      most = Math.max(most, questions);
    }
    const expected = bad * Math.log2(count / bad) + 2 * bad;
    assert.ok(sum / 20 <= 1.15 * expected, `${bad} of ${count}: ${sum / 20}, expected ${expected}`);
    assert.ok(most <= 1.5 * expected + 10, `${bad} of ${count}: at most ${most}`);
  }
  assert.ok(find(upTo(200), alone(upTo(200))).questions <= 210);
  const together = upTo(200).map((i) => [400 + i]);
  assert.ok(find(upTo(1000), together).questions <= 240, "culprits side by side cost one each");
});

test("what messages name at once takes one question", () => {
  const bad = upTo(200).map((i) => i * 5);
  assert.equal(find(upTo(1000), alone(bad), () => bad).questions, 1);
  const inFifties = find(upTo(1000), alone(bad), (all) => all.slice(0, 50));
  assert.equal(inFifties.questions, 4);
});

test("items to ask for first are asked for all together, before any part of the others", () => {
  const items = upTo(100);
  const bisection = new Bisection(items, { named: [], why: "no" }, [3, 50, 97]);
  assert.ok(bisection.isAskingFirst);
  assert.deepEqual(bisection.probe, [3, 50, 97]);
  bisection.accept();
  assert.ok(!bisection.isAskingFirst);
  assert.equal(bisection.probe?.length, 49, "half of the others, which are known to be rejected");
});

test("items that have changed are undecided again, and the others are not", () => {
  const bisection = new Bisection(upTo(8), { named: [], why: "no" });
  bisection.accept();
  bisection.reject({ named: [], why: "no" });
  bisection.reject({ named: [], why: "4 is bad" });
  assert.deepEqual(bisection.culprits, [{ item: 4, why: "4 is bad" }]);
  bisection.change((item) => item !== 2 && item !== 4, [2, 9]);
  assert.deepEqual(bisection.culprits, []);
  assert.deepEqual([...bisection.accepted], [0, 1, 3]);
  assert.deepEqual(bisection.probe, [2, 9]);
  bisection.accept();
  assert.deepEqual([...bisection.undecided].sort(order), [5, 6, 7]);
});

test("an interrupted search takes named items for culprits, and goes on with a part of the others", () => {
  const bisection = new Bisection(upTo(81), { named: [{ item: 5, why: "5" }], why: "no" });
  assert.ok(bisection.isGuided);
  bisection.settle();
  assert.deepEqual(bisection.culprits, [{ item: 5, why: "5" }]);
  assert.deepEqual(bisection.probe, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]);
});
