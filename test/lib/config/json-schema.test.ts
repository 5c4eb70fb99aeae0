import assert from "node:assert/strict";
import { test } from "node:test";
import { configJsonSchema } from "../../../lib/config/json-schema.ts";
import { alternatives, keysOf, type Shape, shapesAt } from "../../../lib/config/located/shape.ts";

const schema = configJsonSchema() as Shape;

test("the JSON Schema is a draft 2020-12 with descriptions, defaults and no additional keys", () => {
  const { $schema, additionalProperties, properties } = configJsonSchema();
  const { log } = properties as Record<string, unknown>;
  assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
  assert.equal(additionalProperties, false);
  assert.deepEqual(log, {
    description: "The lowest level of messages that are logged.",
    default: "info",
    type: "string",
    enum: ["debug", "info", "warn", "error"],
  });
});

test("every key has a description, for the reference page and for editors", () => {
  const bare: string[] = [];
  const visit = (shape: Shape, place: string): void => {
    for (const each of alternatives(shape)) {
      if (each.items) visit(each.items, `${place}[]`);
      for (const [key, inner] of Object.entries(each.properties ?? {})) {
        const isKind = key === "type" && inner.const !== undefined;
        if (!inner.description && !isKind) bare.push(`${place}.${key}`);
        visit(inner, `${place}.${key}`);
      }
    }
  };
  visit(schema, "");
  assert.deepEqual(bare, []);
});

test("an object's type selects the shape of its kind", () => {
  const value = { watch: { templates: [{ proxy: { type: "nginx" } }] } };
  const shapes = shapesAt(schema, value, ["watch", "templates", 0, "proxy"]);
  assert.equal(shapes.length, 1);
  assert.ok(keysOf(shapes).includes("errorLog"));
  assert.equal(shapesAt(schema, {}, ["watch", "templates", 0, "proxy"]).length, 3);
});
