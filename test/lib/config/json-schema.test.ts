// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tests are about references to variables
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { configJsonSchema } from "../../../lib/config/json-schema.ts";
import { parse } from "../../../lib/config/located/parse.ts";
import {
  alternatives,
  keysOf,
  type Shape,
  shapeOf,
  shapesAt,
} from "../../../lib/config/located/shape.ts";
import { plainValue } from "../../../lib/config/located/tree.ts";
import { configSchema } from "../../../lib/config/schema.ts";
import { blocks } from "../../support/markdown-blocks.ts";
import { read } from "../../support/sources.ts";

const shape = shapeOf(configSchema);
// `strict` refuses formats and keywords that are not those of the standard.
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(configJsonSchema());

function errorsIn(text: string): readonly string[] {
  const root = parse({ name: "a.yaml", format: "yaml", text }, "settings", []);
  assert.ok(root, "it cannot be parsed");
  validate(plainValue(root));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("the JSON Schema is a draft 2020-12 with an id, descriptions, defaults and no additional keys", () => {
  const { $schema, $id, title, additionalProperties, properties } = configJsonSchema();
  const { log } = properties as Record<string, unknown>;
  assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
  assert.equal($id, "urn:sidekick:configuration");
  assert.equal(title, "sidekick configuration");
  assert.equal(additionalProperties, false);
  assert.deepEqual(log, {
    description: "The lowest level of messages that are logged.",
    default: "info",
    anyOf: [
      { type: "string", enum: ["debug", "info", "warn", "error"] },
      { $ref: "#/$defs/variable" },
    ],
  });
});

const shipped = await read("deploy/compose/*.yaml", "deploy/systemd/*.yaml");
assert.ok(shipped.size >= 3);
const kubernetes = await read("deploy/kubernetes.yaml");
const pages = await read("README.md", "deploy/README.md", "docs/**/*.md", "lib/**/README.md");

for (const [file, text] of shipped) {
  test(`the JSON Schema accepts ${file}`, () => assert.deepEqual(errorsIn(text), []));
}

test("the JSON Schema accepts the configuration in deploy/kubernetes.yaml", () => {
  const text = kubernetes.get("deploy/kubernetes.yaml") ?? "";
  const [, config = ""] = /^ {2}sidekick\.yaml: \|\n((?: {4}.*\n)+)/m.exec(text) ?? [];
  assert.match(config, /presence:/);
  assert.deepEqual(errorsIn(config), []);
});

for (const [file, page] of pages) {
  for (const { line, text } of blocks(page, "yaml")) {
    test(`the JSON Schema accepts ${file}:${line}`, () => assert.deepEqual(errorsIn(text), []));
  }
}

const accepted: readonly string[] = [
  "presence: { services: [{ name: web, host: h, port: '${PORT}', weight: '${W:-1}' }] }",
  "presence: { ttl: '${TTL}', services: [{ name: web, host: h, port: 80, labels: { a: 1.10, b: true, c: x } }] }",
  "presence: { docker: { explicit: '${ONLY:-true}' } }\nlog: '${LEVEL:-info}'",
  "watch: { acknowledge: '${ACK}', templates: [{ source: a, target: b, format: '${F}', proxy: { type: '${P}', pidFile: a } }] }",
  "watch: { guard: { maxLoss: '${LOSS}', services: { web: { min: '${MIN}' } } }, templates: [{ source: a, target: b }] }",
  "presence: { services: [{ name: web, host: h, port: 80, checks: [{ type: http, expect: [200, 2xx] }] }] }",
];

for (const text of accepted) {
  test(`the JSON Schema accepts ${text}`, () => assert.deepEqual(errorsIn(text), []));
}

const refused: readonly string[] = [
  "presence: { servces: [] }",
  "presence: { ttl: ten, services: [] }",
  "presence: { services: [{ name: web, host: h, port: 80000 }] }",
  "presence: { services: [{ name: web, host: h, port: '$PORT' }] }",
  "watch: { templates: [] }",
  "watch: { templates: [{ source: a, target: b, proxy: { type: squid } }] }",
];

for (const text of refused) {
  test(`the JSON Schema refuses ${text}`, () => assert.notDeepEqual(errorsIn(text), []));
}

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
  visit(shape, "");
  assert.deepEqual(bare, []);
});

test("an object's type selects the shape of its kind", () => {
  const value = { watch: { templates: [{ proxy: { type: "nginx" } }] } };
  const shapes = shapesAt(shape, value, ["watch", "templates", 0, "proxy"]);
  assert.equal(shapes.length, 1);
  assert.ok(keysOf(shapes).includes("errorLog"));
  assert.equal(shapesAt(shape, {}, ["watch", "templates", 0, "proxy"]).length, 3);
});
