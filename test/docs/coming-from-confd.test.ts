import assert from "node:assert/strict";
import { test } from "node:test";
import { options } from "../../lib/config/compat/confd/options.ts";
import { knownFunctions } from "../../lib/render/go/vocabulary.ts";
import { read } from "../support/sources.ts";

const [page = ""] = (await read("docs/coming-from/confd.md")).values();
const [source = ""] = (await read("lib/config/compat/confd/resource.ts")).values();

/** The names in backticks in the first column of the tables below a heading. */
function named(heading: string, columns = 1): ReadonlySet<string> {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  const cells = rows.flatMap((row) => row.split("|").slice(1, 1 + columns));
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, one]) => one ?? "")),
  );
}

test("the page has every option of confd, and its key in confd.toml", () => {
  const found = named("Options", 2);
  for (const { name, key } of options) {
    assert.ok(found.has(`-${name}`), `-${name}`);
    const isShortened = /^(auth|app|user|role|secret)_(type|id)$|^(path|table|separator)$/.test(
      key ?? "",
    );
    if (key !== undefined && !isShortened) assert.ok(found.has(key), key);
  }
  const known = new Set(options.map(({ name }) => `-${name}`));
  for (const name of found) assert.ok(!name.startsWith("-") || known.has(name), name);
});

test("the page has every key of a template resource", () => {
  const keys = [
    ...source.matchAll(
      /(?:text|texts|parsed|refuse|duration)\("([a-z_]+)"|account\(fields, "(\w+)", "(\w+)"/g,
    ),
  ];
  const names = keys.flatMap(([, ...some]) => some.filter((one) => one !== undefined));
  assert.ok(names.length > 15, names.join());
  const found = named("Template resources");
  for (const name of names) assert.ok(found.has(name) || found.has(`[${name}]`), name);
});

test("the functions of the page exist, except those that it declares missing", () => {
  const missing = ["include", "cget", "cgets", "cgetv", "cgetvs"];
  for (const name of named("Templates")) {
    assert.equal(knownFunctions.arities.has(name), !missing.includes(name), name);
  }
});
