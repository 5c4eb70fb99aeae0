import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RememberedList } from "../../../lib/render/engine/each.ts";

interface Item {
  readonly name: string;
}

/** Renders a list, and says which items had to be rendered for it. */
function rendering(remembered: RememberedList) {
  return <T>(list: readonly T[], nameOf: (item: T) => string) => {
    const asked: string[] = [];
    remembered.begin();
    const text = remembered.render(list, (item) => {
      const name = nameOf(item as T);
      asked.push(name);
      return `${name} `;
    });
    assert.equal(text, list.map((item) => `${nameOf(item)} `).join(""));
    return asked.length;
  };
}

const itemName = ({ name }: Item) => name;

test("a change renders the run around it, and nothing else", () => {
  const render = rendering(new RememberedList());
  const list = Array.from({ length: 10_000 }, (_, i): Item => ({ name: String(i) }));
  assert.equal(render(list, itemName), 10_000);
  assert.equal(render([...list], itemName), 0);
  assert.ok(render(list.with(5000, { name: "new" }), itemName) <= 512);
  const moved = [...list.slice(9000), ...list.slice(0, 9000)];
  assert.ok(render(moved, itemName) <= 1500);
  assert.ok(render(list.toSpliced(1234, 1), itemName) <= 1500);
});

test("values are remembered by what they say", () => {
  const render = rendering(new RememberedList());
  const list = Array.from({ length: 2000 }, (_, i) => `10.0.0.${i % 700}`).sort();
  assert.equal(render(list, String), 2000);
  assert.equal(render([...list], String), 0);
  assert.ok(render([...list, "9"], String) <= 512);
});

test("items that are gone are not kept alive", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const render = rendering(new RememberedList());
  const gone: WeakRef<Item>[] = [];
  let list = Array.from({ length: 2000 }, (_, i): Item => ({ name: String(i) }));
  for (let step = 0; step < 2000; step += 1) {
    // Items come and go at places that have nothing to do with each other, so that runs shift and break.
    const leaving = (step * 7919) % list.length;
    gone.push(new WeakRef(list[leaving] as Item));
    const arriving = (step * 104_729) % list.length;
    list = list.toSpliced(leaving, 1).toSpliced(arriving, 0, { name: `new ${step}` });
    render(list, itemName);
  }
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const alive = gone.filter((one) => one.deref() !== undefined).length;
  assert.ok(alive <= 10, `${alive} of ${gone.length} replaced items are still there`);
});
