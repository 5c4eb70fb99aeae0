import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault, sentence } from "../../../../lib/base/fault.ts";
import { SecretValues } from "../../../../lib/render/engine/secret-values.ts";
import { Float, Integer } from "../../../../lib/render/go/values/numbers.ts";
import { rendered } from "./fixture.ts";

const keys = { "/app/db/json": '{"password":73912345,"port":5432}' };

/** The sentence of the fault of a template whose dot is the JSON object. */
function faultOf(action: string): string {
  try {
    rendered(`{{with json (getv "/app/db/json")}}${action}{{end}}`, keys);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return sentence(error);
  }
  throw new Error(`${action} does not fail`);
}

for (const action of [
  "{{atoi (print .password)}}",
  "{{range $name, $value := .}}{{atoi (print $value)}}{{end}}",
]) {
  test(`the fault of ${action} has no secret number`, () => {
    const message = faultOf(action);
    assert.doesNotMatch(message, /739|7\.39/);
    assert.match(message, /^t\.tmpl:1:/);
  });
}

test("a number that is no secret is quoted", () => {
  assert.match(faultOf('{{atoi (printf "%vx" .port)}}'), /"5432x"/);
});

test("a number of another type than int is a secret as its text is", () => {
  const secrets = new SecretValues();
  secrets.derive(['{"password":21000000}'], {});
  const site = { template: "t", line: 1, column: 1, text: "" };
  const isSecret = (value: unknown) => secrets.include([value], site, []);
  assert.ok(isSecret(new Float(21_000_000)));
  assert.ok(isSecret([new Integer("int64", 21_000_000)]));
  assert.ok(!isSecret(new Float(5)));
  assert.ok(!isSecret(Object.create(null)));
});
