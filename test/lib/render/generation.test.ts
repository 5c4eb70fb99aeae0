import assert from "node:assert/strict";
import { test } from "node:test";
import { generationIn } from "../../../lib/proxy/generation.ts";
import { generationPlaceholder, stamped } from "../../../lib/render/generation.ts";

const text = (more: string) =>
  `return 200 ${generationPlaceholder};\n# ${generationPlaceholder}\n${more}`;

test("the generation of a text is found in it, and differs for a different text", () => {
  const one = stamped(text("a"));
  const name = generationIn(["nothing here", one]) ?? "";
  assert.equal(one, `return 200 ${name};\n# ${name}\na`);
  assert.notEqual(name, generationPlaceholder);
  assert.equal(stamped(text("a")), one);
  assert.notEqual(generationIn([stamped(text("b"))]), name);
});

test("a text without a placeholder is unchanged and has no generation", () => {
  assert.equal(stamped("server 10.0.0.1:80;\n"), "server 10.0.0.1:80;\n");
  assert.equal(generationIn(["server 10.0.0.1:80;\n"]), undefined);
});
