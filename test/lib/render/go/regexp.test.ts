import assert from "node:assert/strict";
import { test } from "node:test";
import { GoRegExp } from "../../../../lib/render/go/regex/regexp.ts";
import { HelperError } from "../../../../lib/render/helpers/contract.ts";

test("the time of a search grows with the text alone, also where an expression can match in many ways", () => {
  const text = `${"a".repeat(3000)}!`;
  for (const pattern of ["^(a+)+$", String.raw`(\w*)*\d`, "(a|a)*b", "(.*)(.*)(.*)x"]) {
    assert.equal(GoRegExp.of(pattern).first(text), undefined, pattern);
  }
});

test("a group in a repetition keeps what it matched last", () => {
  const match = GoRegExp.of("(?:(a)|b)+").first("xab");
  assert.deepEqual(match, { start: 1, end: 3, texts: ["ab", "a"] });
});

test("syntax of other engines is refused, as Go refuses it", () => {
  for (const pattern of ["a(?=b)", "(?<=a)b", "(?<n>a)", String.raw`(a)\1`, "a*+", "x{1001}"]) {
    assert.throws(() => GoRegExp.of(pattern), HelperError, pattern);
  }
  assert.throws(() => GoRegExp.of("((a{1,100}){1,100}){1,100}"), /not supported/);
});
