import assert from "node:assert/strict";
import { test } from "node:test";
import { valueInName } from "../../../../lib/model/formats/encoded-name.ts";

/** Like Ruby's Base64.urlsafe_encode64: with padding. */
function urlSafe(text: string): string {
  return Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

// Base64 of the second one has underscores and hyphens; the third one needs padding.
for (const value of ['{"host":"a"}', '{"a":"???>>>üüü"}', "ab"]) {
  const encoded = urlSafe(value);
  for (const end of ["_0000000042", "_"]) {
    test(`${value} is decoded from a name that ends in ${end}`, () => {
      assert.deepEqual(valueInName(`base64_${encoded.length}_${encoded}${end}`), { value });
    });
  }
}

test("a value that ends like a sequential name is decoded as a whole", () => {
  const encoded = `${urlSafe("abc")}_0123456789`;
  const found = valueInName(`base64_${encoded.length}_${encoded}_0000000001`);
  assert.ok(found && "value" in found);
  assert.ok(found.value.startsWith("abc"));
});

for (const id of ["web-1", "web-1_0000000003", "10.0.0.1:80", "base64_web_0000000003", "base64_"]) {
  test(`${id} has no encoded value`, () => assert.equal(valueInName(id), undefined));
}

const bad: readonly [id: string, why: string][] = [
  ["base64_5_YWJj_0000000001", 'its name\'s base64 is "YWJj": expected 5 characters, not 4'],
  ["base64_3_YWJj_0000000001", 'its name\'s base64 is "YWJj": expected 3 characters, not 4'],
  [
    "base64_4_YWJj0000000001",
    'its name\'s base64 is "YWJj0000000001": expected 4 characters, not 14',
  ],
  ["base64_4_YW+j_0000000001", 'its name\'s base64 is "YW+j": expected A-Z a-z 0-9 - _'],
  ["base64_0__0000000001", 'its name\'s base64 is "": expected A-Z a-z 0-9 - _'],
];

for (const [id, why] of bad) {
  test(`${id} is invalid`, () => assert.deepEqual(valueInName(id), { why }));
}
