import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { MersenneTwister } from "../../../../lib/render/synapse/mersenne-twister.ts";
import { shuffled } from "../../../../lib/render/synapse/server-order.ts";

/** By seed, what Ruby 3.1 prints for `(0...n).to_a.shuffle(random: Random.new(seed)).join(" ")` with some n. */
const recorded: Readonly<Record<string, readonly string[]>> = JSON.parse(
  await readFile(new URL("ruby-shuffles.json", import.meta.url), "utf8"),
);

for (const [seed, lists] of Object.entries(recorded)) {
  test(`a list is shuffled as Ruby does it with seed ${seed}`, () => {
    for (const list of lists) {
      const ordered = list
        .split(" ")
        .filter(Boolean)
        .map(Number)
        .sort((a, b) => a - b);
      const random = new MersenneTwister(BigInt(seed));
      assert.equal(shuffled(ordered, random).join(" "), list);
    }
  });
}

test("more numbers than one round of the generator has", () => {
  const random = new MersenneTwister(5489n);
  for (let i = 1; i < 10_000; i += 1) random.next();
  // The reference implementation's ten thousandth number with its default seed, as the C++ standard has it.
  assert.equal(random.next(), 4123659995);
});
