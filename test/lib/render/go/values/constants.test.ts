import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../../../../lib/render/go/signature.ts";
import { constant } from "../../../../../lib/render/go/values/constants.ts";
import { printed } from "../../../../../lib/render/go/values/print.ts";
import { typeName } from "../../../../../lib/render/go/values/types.ts";
import { HelperError } from "../../../../../lib/render/helpers/contract.ts";

test("a constant is an int, or with a point or an exponent a float64", () => {
  for (const [text, expected] of Object.entries({
    ...{ "0": "int 0", "-7": "int -7", "+7": "int 7", "1_000": "int 1000", "010": "int 8" },
    ...{ "0x1F": "int 31", "-0x1f": "int -31", "0b101": "int 5", "0o17": "int 15" },
    ...{ "1.5": "float64 1.5", "1e3": "float64 1000", "1e6": "float64 1e+06", ".5": "float64 0.5" },
    ...{ "0x1p4": "float64 16", "0x1e": "int 30", "1.": "float64 1", "-0.0": "float64 -0" },
  })) {
    const value = constant(text);
    assert.equal(`${typeName(value)} ${printed(value)}`, expected, text);
  }
});

test("a constant becomes what the parameter takes", () => {
  const as = (text: string, kind: Kind) => typeName(constant(text, kind));
  assert.equal(as("1.0", "int"), "int");
  assert.equal(as("1", "float64"), "float64");
  assert.equal(as("1e2", "int64"), "int64");
  assert.throws(() => constant("1.5", "int"), /expected integer; found 1\.5/);
  assert.throws(() => constant("1", "string"), /expected string; found 1/);
});

test("other texts are refused, and numbers that are too large", () => {
  for (const text of ["", "x", "1x", "08", "0x", "1e", "9007199254740993", "1e400"]) {
    assert.throws(() => constant(text, "int"), HelperError, text);
  }
});
