import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MemoizedList } from "../../../lib/render/engine/each.ts";

interface Item {
  readonly name: string;
}

/** Renders a list and returns the number of items that were not reused; asserts that the text is correct. */
function counting(memoized: MemoizedList) {
  return <T>(list: readonly T[], nameOf: (item: T) => string) => {
    let rendered = 0;
    memoized.startRendering();
    const text = memoized.render(list, (item) => {
      rendered += 1;
      return `${nameOf(item as T)} `;
    });
    assert.equal(text, list.map((item) => `${nameOf(item)} `).join(""));
    return rendered;
  };
}

const itemName = ({ name }: Item) => name;

test("a change renders only the run around it", () => {
  const render = counting(new MemoizedList());
  const list = Array.from({ length: 10_000 }, (_, i): Item => ({ name: String(i) }));
  assert.equal(render(list, itemName), 10_000);
  assert.equal(render([...list], itemName), 0);
  assert.ok(render(list.with(5000, { name: "new" }), itemName) <= 512);
  const moved = [...list.slice(9000), ...list.slice(0, 9000)];
  assert.ok(render(moved, itemName) <= 1500);
  assert.ok(render(list.toSpliced(1234, 1), itemName) <= 1500);
});

test("strings are compared by value", () => {
  const render = counting(new MemoizedList());
  const list = Array.from({ length: 2000 }, (_, i) => `10.0.0.${i % 700}`).sort();
  assert.equal(render(list, String), 2000);
  assert.equal(render([...list], String), 0);
  assert.ok(render([...list, "9"], String) <= 512);
});

test("removed items are not kept alive", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const render = counting(new MemoizedList());
  const gone: WeakRef<Item>[] = [];
  let list = Array.from({ length: 2000 }, (_, i): Item => ({ name: String(i) }));
  for (let step = 0; step < 2000; step += 1) {
    // Items are removed and added at unrelated places, so that runs shift and break up.
    const removed = (step * 7919) % list.length;
    gone.push(new WeakRef(list[removed] as Item));
    const added = (step * 104_729) % list.length;
    list = list.toSpliced(removed, 1).toSpliced(added, 0, { name: `new ${step}` });
    render(list, itemName);
  }
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const alive = gone.filter((one) => one.deref() !== undefined).length;
  assert.ok(alive <= 10, `${alive} of ${gone.length} removed items are still in memory`);
});
