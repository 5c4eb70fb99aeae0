import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { synapseSchema } from "../../lib/config/compat/synapse/schema.ts";
import { alternatives, type Shape, shapeOf } from "../../lib/config/located/shape.ts";

const page = await readFile(new URL("../../docs/coming-from/synapse.md", import.meta.url), "utf8");

/** The names of all settings, and the values of those that have a few. */
function names(shape: Shape): readonly string[] {
  return alternatives(shape).flatMap((one) => {
    const { properties = {}, items, additionalProperties: others } = one;
    const below = [...Object.values(properties), items, others].filter(
      (each) => typeof each === "object",
    );
    const words = one.type === "string" ? [one.const ?? [], one.enum ?? []].flat() : [];
    return [...Object.keys(properties), ...words.map(String), ...below.flatMap(names)];
  });
}

test("the page on Synapse has every setting that is read, and every value of it", () => {
  // The words of YAML 1.1 for true and false, and parts of a policy that has no effect.
  const others = /^(true|false|yes|no|on|off|max_|base_|sample_rate$)/;
  const missing = [...new Set(names(shapeOf(synapseSchema)))].filter(
    (name) => !others.test(name) && !new RegExp(`\\b${name}\\b`).test(page),
  );
  assert.deepEqual(missing, []);
});
