import assert from "node:assert/strict";
import { test } from "node:test";
import { generationIn } from "../../../lib/proxy/generation.ts";
import { stamped, unknownGeneration } from "../../../lib/render/generation.ts";

const text = (more: string) => `return 200 ${unknownGeneration};\n# ${unknownGeneration}\n${more}`;

test("a text has a name of its own, which changes with it, and is found in it", () => {
  const one = stamped(text("a"));
  const name = generationIn(["nothing here", one]) ?? "";
  assert.equal(one, `return 200 ${name};\n# ${name}\na`);
  assert.notEqual(name, unknownGeneration);
  assert.equal(stamped(text("a")), one);
  assert.notEqual(generationIn([stamped(text("b"))]), name);
});

test("a text that does not ask for its name stays as it is, and has none", () => {
  assert.equal(stamped("server 10.0.0.1:80;\n"), "server 10.0.0.1:80;\n");
  assert.equal(generationIn(["server 10.0.0.1:80;\n"]), undefined);
});
