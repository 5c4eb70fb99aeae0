import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "../lib/discover/docker/docker-run.ts";
import { read } from "../support/sources.ts";

const page =
  (await read("docs/coming-from/registrator.md")).get("docs/coming-from/registrator.md") ?? "";
const tests = [...(await read("test/**/*.ts")).values()].join("\n");

/** The cells of the table with this header: the code in backquotes, else an empty string. */
function table(...header: readonly string[]): readonly (readonly string[])[] {
  const [, below = ""] = page.split(`\n| ${header.join(" | ")} |\n`);
  const [lines = ""] = below.split("\n\n");
  const rows = lines.trim().split("\n").slice(1);
  assert.ok(
    rows.length > 0,
    `docs/coming-from/registrator.md has no table of ${header.join(", ")}`,
  );
  return rows.map((row) => row.slice(1, -1).split(" | ").map(bare));
}

function bare(cell: string): string {
  return /^(`+)(.*)\1$/.exec(cell.trim())?.[2] ?? "";
}

/** Compares the discovered instances and their checks with the fields that a row lists. */
function assertRegistered(options: string, settings: object, expectation: string): void {
  const { found: all, quarantined } = found(options, settings);
  assert.deepEqual(quarantined, []);
  const expected: readonly object[] = JSON.parse(expectation);
  assert.equal(all.length, expected.length);
  for (const [i, { instance, checks }] of all.entries()) {
    assert.partialDeepStrictEqual({ ...instance, checks }, expected[i]);
  }
}

for (const [settings = "", options = "", expectation = ""] of table(
  "settings",
  "docker run",
  "is registered as",
)) {
  test(`docs/coming-from/registrator.md: with ${settings}, ${options} is registered as documented`, () => {
    assertRegistered(options, JSON.parse(settings), expectation);
  });
}

for (const [options = "", expectation = ""] of table("docker run", "is registered as")) {
  test(`docs/coming-from/registrator.md: ${options} is registered as documented`, () => {
    assertRegistered(options, {}, expectation);
  });
}

for (const [options = "", why] of table("docker run", "why it is quarantined")) {
  test(`docs/coming-from/registrator.md: ${options} is quarantined for this reason`, () => {
    const { found: all, quarantined } = found(options);
    assert.deepEqual(all, []);
    assert.deepEqual(
      quarantined.map((one) => one.why),
      [why],
    );
  });
}

test("docs/coming-from/registrator.md names existing tests", () => {
  const named = table("registrator", "sidekick", "shown by").map(([, , title = ""]) => title);
  assert.ok(named.some(Boolean));
  for (const title of named) assert.ok(tests.includes(title), title);
});
