import assert from "node:assert/strict";
import { test } from "node:test";
import { goFunctionsReference } from "../../docs/generate/go-templates-page.ts";
import { functions } from "../../lib/render/go/vocabulary.ts";
import { rendered } from "../lib/render/go/fixture.ts";
import { blocks } from "../support/markdown-blocks.ts";
import { read } from "../support/sources.ts";

const page = (await read("docs/go-templates.md")).get("docs/go-templates.md") ?? "";

/** The rows of the table of examples: the code in their two cells. */
function examples(): readonly (readonly [template: string, text: string])[] {
  const [, below = ""] = page.split("\n| template | writes |\n");
  const [lines = ""] = below.split("\n\n");
  return lines
    .split("\n")
    .slice(1)
    .map((line) => {
      const [template = "", text = ""] = line.slice(2, -2).split(/(?<!\\) \| /);
      return [code(template), code(text)];
    });
}

function code(cell: string): string {
  return cell.replace(/^`|`$/g, "").replaceAll("\\|", "|");
}

const [keys = "{}"] = blocks(page, "json").map(({ text }) => text);

test("docs/go-templates.md has examples", () => {
  assert.ok(examples().length > 10);
});

for (const [template, text] of examples()) {
  test(`docs/go-templates.md: ${template} writes ${text}`, () => {
    assert.equal(rendered(template, JSON.parse(keys)), text);
  });
}

test("every function of Go templates has its row in the reference", () => {
  const rows = goFunctionsReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  const names = rows.map((row) => /`(\w+)/.exec(row)?.[1]);
  assert.deepEqual(names.toSorted(), Object.keys(functions).toSorted());
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 4, row);
});
