import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGlob } from "../../../lib/render/glob.ts";
import { HelperError } from "../../../lib/render/helpers/contract.ts";
import { cpuMsOf } from "../../support/process.ts";

const matches: readonly (readonly [glob: string, key: string, expected: boolean])[] = [
  ["/a", "/a", true],
  ["/a", "/ab", false],
  ["/services/web/*", "/services/web/1", true],
  ["/services/web/*", "/services/web/", true],
  ["/services/web/*", "/services/web", false],
  ["/services/web/*", "/services/web/a/b", false],
  ["/services/web*", "/services/web-2", true],
  ["/services/web*", "/services/web-2/x", false],
  ["/services/*/x", "/services/web/x", true],
  ["/services/*/x", "/services/a/b/x", false],
  ["/**/x", "/a/x", true],
  ["/**/x", "/a/b/x", false],
  ["/a*b*c", "/abxbc", true],
  ["/a*b*c", "/acb", false],
  ["/*a*a", "/a", false],
  ["/*ab*b", "/aab", false],
  ["/a.c", "/abc", false],
  ["/a?c", "/abc", true],
  ["/a?c", "/aéc", true],
  ["/a?c", "/a😀c", true],
  ["/a?c", "/ac", false],
  ["/a?c", "/a/c", false],
  ["/[a-c]", "/b", true],
  ["/[a-c]", "/d", false],
  ["/[^a-c]", "/d", true],
  ["/[^a-c]", "/b", false],
  ["/[ab-d^]", "/^", true],
  ["/[\\-\\]]", "/]", true],
  ["/[[]", "/[", true],
  ["/[!a]", "/a", true],
  ["/a[^b]c", "/a/c", false],
  ["/a[.-0]c", "/a/c", false],
  ["/[z-a]", "/m", false],
  ["/[^z-a]", "/m", true],
  ["/[\u{1f600}-\u{e000}]", "/\u{ffff}", false],
  ["/\\*", "/*", true],
  ["/\\*", "/a", false],
  ["/]", "/]", true],
  ["/{a,b}", "/a", false],
  ["/{a,b}", "/{a,b}", true],
  ["/a*", "/a\nb", true],
  ["/a", "/a\n", false],
  ["", "", true],
  ["", "/", false],
  ["services/*", "/services/a", false],
];

test("globs match as Go's path.Match does", () => {
  for (const [glob, key, expected] of matches) {
    assert.equal(compileGlob(glob).matches(key), expected, `${glob} on ${key}`);
  }
});

test("an invalid pattern is rejected", () => {
  for (const glob of ["/[", "/[]", "/[]a]", "/[^]", "/[a", "/[-a]", "/[a-]", "/a\\", "/[a-b-c]"]) {
    assert.throws(() => compileGlob(glob), HelperError, glob);
  }
});

test("the literal prefix is the folder before the first wildcard", () => {
  const folders = {
    "/services/web/*": "/services/web",
    "/services/web*/x": "/services",
    "/services/[ab]/x": "/services",
    "/services/web/1": "/services/web",
    "/a\\*/b/?": "/a*/b",
    "/*": "",
    "*": "",
    "": "",
  };
  for (const [glob, folder] of Object.entries(folders)) {
    assert.equal(compileGlob(glob).literalPrefix, folder, glob);
  }
});

test("a glob without wildcards and escapes is exact", () => {
  assert.equal(compileGlob("/a/b]").exact, true);
  for (const glob of ["/a/*", "/a?", "/[a]", "/\\a"]) {
    assert.equal(compileGlob(glob).exact, false, glob);
  }
});

test("no key makes a search slow", () => {
  const dashes = `/${"-".repeat(50_000)}`;
  const cpuMs = cpuMsOf(() => {
    assert.equal(compileGlob("/*-*-*-*-*-*-*x").matches(dashes), false);
    assert.equal(compileGlob("/*-*-*-*-*-*-*").matches(`${dashes}/`), false);
  });
  assert.ok(cpuMs < 1000, `${cpuMs} ms`);
});

/** Go's rules implemented literally, without regard to speed. Glob and key are lists of characters. */
function matchesSlowly(glob: readonly string[], key: readonly string[]): boolean {
  const [first, ...glob2] = glob;
  const [character, ...key2] = key;
  if (first === undefined) return character === undefined;
  const free = character !== undefined && character !== "/";
  if (first === "*") return matchesSlowly(glob2, key) || (free && matchesSlowly(glob, key2));
  if (first === "?") return free && matchesSlowly(glob2, key2);
  return first === character && matchesSlowly(glob2, key2);
}

test("thousands of random globs match by Go's rules, and never across a slash", () => {
  let seed = 1;
  const chosen = (from: string, upTo: number): string[] => {
    const pick = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    return Array.from({ length: pick(upTo) }, () => from[pick(from.length)] ?? "");
  };
  const slashes = (text: readonly string[]) => text.filter((one) => one === "/").length;
  let found = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const [glob, key] = [chosen("ab/*?*", 9), chosen("aab/", 8)];
    const expected = matchesSlowly(glob, key);
    const message = `${glob.join("")} on ${key.join("")}`;
    assert.equal(compileGlob(glob.join("")).matches(key.join("")), expected, message);
    if (expected) assert.equal(slashes(glob), slashes(key), message);
    found += Number(expected);
  }
  assert.ok(found > 500, `only ${found} matched`);
});
