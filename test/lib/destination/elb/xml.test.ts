import assert from "node:assert/strict";
import { test } from "node:test";
import { members, readXml, textAt } from "../../../../lib/destination/elb/xml.ts";

test("elements, lists and entities are read", () => {
  const root = readXml(
    `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<R xmlns='http://x/'><L><member><Id> a&lt;b &#x41;&#66; </Id><E/></member>
     <member></member></L></R>\n`,
  );
  assert.ok(typeof root !== "string", String(root));
  assert.equal(root.name, "R");
  const [first, second] = members(root, "L");
  assert.equal(first && textAt(first, "Id"), "a<b AB");
  assert.deepEqual(second?.children, []);
  assert.deepEqual(members(root, "none", "L"), []);
  assert.equal(textAt(root, "L", "none"), "");
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["", /one element/],
  ["text", /one element/],
  ["<a/><b/>", /one element/],
  ["<a/>text", /one element/],
  ["<a>", /<a> without its end/],
  ["<a></b></a>", /<\/b> without its beginning/],
  ["</a>", /without its beginning/],
  ["<a></a/>", /two kinds/],
  ["<html><br></html>", /without its beginning/],
  ["<a>&unknown;</a>", /unknown entity/],
  ["<a>&</a>", /unknown entity/],
  ["<a>&#x110000;</a>", /unknown entity/],
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /not XML as AWS sends it at character 1/],
  ["<a><!-- b --></a>", /not XML as AWS sends it at character 4/],
  ["<a><![CDATA[b]]></a>", /not XML/],
  ["<a><?b?></a>", /not XML/],
  ["<a b=c></a>", /not XML/],
  ["<a", /not XML/],
  ["<a>".repeat(17), /more than 16 levels/],
];

for (const [text, why] of refused) {
  test(`refused with one reason: ${text.slice(0, 40) || "nothing"}`, () => {
    const found = readXml(text);
    assert.match(typeof found === "string" ? found : "accepted", why);
  });
}

test("names of the object's prototype are names like others", () => {
  assert.match(String(readXml("<a>&toString;</a>")), /unknown entity/);
});

test("the time to read hostile texts grows with their length only", () => {
  const mebibyte = 1024 * 1024;
  for (const text of [
    `<a${" ".repeat(mebibyte)}`,
    `<a${" b='c'".repeat(mebibyte / 6)}`,
    `<${"a".repeat(mebibyte)}`,
    `<a>${"&".repeat(mebibyte)}`,
    `<a${" b ".repeat(mebibyte / 3)}`,
  ]) {
    assert.equal(typeof readXml(text), "string");
  }
});
