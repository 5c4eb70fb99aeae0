import assert from "node:assert/strict";
import { test } from "node:test";
import { planFrom } from "./problems-of.ts";

const labelsOf = (text: string, format: "yaml" | "json" | "toml" = "yaml") =>
  planFrom(text, {}, format).presence?.services[0]?.labels;

const service = (labels: string) =>
  `presence: { services: [{ name: web, host: h, port: 80, labels: ${labels} }] }`;

test("a number that is written as a label keeps its text", () => {
  const numbers = { a: "1.10", b: "007", c: "12345678901234567890", d: "1e3", e: "0x1F", f: "-0" };
  const labels = Object.entries(numbers).map(([name, text]) => `${name}: ${text}`);
  assert.deepEqual(labelsOf(service(`{ ${labels.join(", ")} }`)), numbers);
});

test("a boolean label and a quoted one are strings", () => {
  assert.deepEqual(labelsOf(service("{ a: true, b: '1.10' }")), { a: "true", b: "1.10" });
});

test("a label of JSON and of TOML keeps its text, too", () => {
  const json = `{"presence": {"services": [{"name": "web", "host": "h", "port": 80, "labels": {"a": 1.10}}]}}`;
  assert.deepEqual(labelsOf(json, "json"), { a: "1.10" });
  const toml =
    '[[presence.services]]\nname = "web"\nhost = "h"\nport = 80\nlabels = { a = 1.10, b = 1_000, c = 0x1f }\n';
  assert.deepEqual(labelsOf(toml, "toml"), { a: "1.10", b: "1000", c: "0x1f" });
});
