import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf, serviceSchema } from "../../lib/discover/static.ts";
import { decode } from "../../lib/model/decode.ts";
import { encode } from "../../lib/model/encode.ts";
import { read } from "../support/sources.ts";

const page = (await read("docs/formats.md")).get("docs/formats.md") ?? "";

/** The cells of the table with this header: the code in backquotes, else an empty string. */
function table(...header: readonly string[]): readonly (readonly string[])[] {
  const [, below = ""] = page.split(`| ${header.join(" | ")} |\n`);
  const [lines = ""] = below.split("\n\n");
  const rows = lines.trim().split("\n").slice(1);
  assert.ok(rows.length > 0, `docs/formats.md has no table of ${header.join(", ")}`);
  return rows.map((row) => row.slice(1, -1).split(" | ").map(bare));
}

function bare(cell: string): string {
  const [, code = ""] = /^`(.*)`$/.exec(cell.trim()) ?? [];
  return code;
}

function decoded(id = "", value = ""): ReturnType<typeof decode> {
  return decode({ service: "web", id }, { key: `/services/web/${id}`, value, revision: "1" });
}

for (const [id, value, expectation = ""] of table("entry", "value", "is read as")) {
  test(`docs/formats.md: ${id} with ${value || "nothing"} is read as documented`, () => {
    const found = decoded(id, value);
    assert.ok("endpoint" in found, JSON.stringify(found));
    const shown = JSON.parse(JSON.stringify(found.endpoint));
    for (const [name, expected] of Object.entries(JSON.parse(expectation))) {
      assert.deepEqual(shown[name], expected, name);
    }
  });
}

for (const [id, value, why] of table("entry", "value", "why it is quarantined")) {
  test(`docs/formats.md: ${id} with ${value || "nothing"} is quarantined for this reason`, () => {
    assert.deepEqual(decoded(id, value), { why });
  });
}

for (const [settings = "", value] of table("settings", "value")) {
  test(`docs/formats.md: ${settings} is written as documented`, () => {
    const service = serviceSchema.parse({ name: "web", ...JSON.parse(settings) });
    assert.equal(encode(instanceOf(service), "json"), value);
  });
}
