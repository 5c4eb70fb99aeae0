import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixture } from "../../../lib/config/fixture.ts";

const read = (text: string, name = "keys.yaml") => Object.fromEntries(readFixture(text, name));

test("a map or a list at a whole key is its value in JSON", () => {
  const text = `
/services/web/a: { host: 10.0.0.1, port: 80, labels: { zone: a } }
/services/web/b:
  host: 10.0.0.2
  port: 81
/list: [a, 1, { b: null }]
/services/api:
  /c: { host: 10.0.0.3, port: 82 }
  /d: 10.0.0.4:83
/empty: {}
`;
  assert.deepEqual(read(text), {
    "/services/web/a": '{"host":"10.0.0.1","port":80,"labels":{"zone":"a"}}',
    "/services/web/b": '{"host":"10.0.0.2","port":81}',
    "/list": '["a",1,{"b":null}]',
    "/services/api/c": '{"host":"10.0.0.3","port":82}',
    "/services/api/d": "10.0.0.4:83",
  });
});

test("a name without a slash is a folder", () => {
  const text = "services: { web: { a: '10.0.0.1:80', /b: { host: h, port: 1 } } }\nconfig/x: 1";
  assert.deepEqual(read(text), {
    "/services/web/a": "10.0.0.1:80",
    "/services/web/b": '{"host":"h","port":1}',
    "/config/x": "1",
  });
});

test("a number keeps the text that it is written as", () => {
  const numbers = { "/a": "1.10", "/b": "007", "/c": "12345678901234567890", "/d": "1e3" };
  const yaml = Object.entries(numbers).map(([key, text]) => `${key}: ${text}`);
  assert.deepEqual(read(yaml.join("\n")), numbers);
  assert.deepEqual(read('{"/a": 1.10}', "keys.json"), { "/a": "1.10" });
  assert.deepEqual(read('"/a" = 1.10\n"/b" = true\n', "keys.toml"), { "/a": "1.10", "/b": "true" });
});

test("a key without a value is a problem with its position", () => {
  assert.throws(() => read("/a: 1\nb:\n  c:"), /keys\.yaml:3:5: \/b\/c has no value/);
});
