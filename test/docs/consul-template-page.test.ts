import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { render } from "../../cli/commands/render.ts";
import { never } from "../../lib/base/signal.ts";
import { compile } from "../../lib/render/engine/engine.ts";
import { kinds } from "../../lib/render/escape/kinds.ts";
import { knownFunctions } from "../../lib/render/go/vocabulary.ts";
import { helpers } from "../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../lib/render/keys.ts";
import { Prefixes } from "../../lib/render/prefixes.ts";
import { emptyPools, pools } from "../../lib/view/pools.ts";
import { testWorld } from "../cli/test-world.ts";
import { rendered, snapshotOf } from "../lib/render/go/fixture.ts";
import { blocks } from "../support/markdown-blocks.ts";
import { throwAwayFolder } from "../support/process.ts";
import { read } from "../support/sources.ts";

const name = "docs/coming-from/consul-template.md";
const page = (await read(name)).get(name) ?? "";

function block(info: string): string {
  const [first] = blocks(page, info);
  assert.ok(first, `${name} has no block of ${info}`);
  return first.text;
}

/** What a table of functions has in one row. */
interface Row {
  readonly theirs: string;
  readonly go: string;
  readonly handlebars: string;
}

const rows: readonly Row[] = page
  .split("\n| consul-template | Go template | Handlebars | different |\n")
  .slice(1)
  .flatMap((below) => below.split("\n\n")[0]?.split("\n").slice(1) ?? [])
  .filter((line) => line.startsWith("| "))
  .map((line) => {
    const [theirs = "", go = "", handlebars = ""] = line.slice(2).split(/ (?<!\\)\|(?: |$)/);
    return { theirs, go, handlebars };
  });

/** The code in a cell: what stands between backquotes. */
function code(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text.replaceAll("\\|", "|"));
}

/** The functions of consul-template 0.42, as its documentation lists them. */
const functions = `
  caLeaf caRoots connect datacenters exportedServices importedServices file key keyExists keyOrDefault ls safeLs node nodes
  partitions peerings secret secrets pkiCert service services tree safeTree
  nomadServices nomadService nomadVarList nomadVarListSafe nomadVar nomadVarExists
  scratch.Key scratch.Get scratch.Set scratch.SetX scratch.MapSet scratch.MapSetX scratch.MapValues
  base64Decode base64Encode base64URLDecode base64URLEncode byKey byPort byTag byMeta contains containsAll containsAny containsNone
  containsNotAll env mustEnv envOrDefault executeTemplate explode explodeMap in indent join loop mergeMap mergeMapWithOverride trim
  trimSpace trimPrefix trimSuffix parseBool parseFloat parseInt parseJSON parseUint parseYAML plugin regexMatch regexReplaceAll
  replaceAll sha256Hex md5sum hmacSHA256Hex split splitToMap timestamp toJSON toJSONPretty toUnescapedJSON toUnescapedJSONPretty
  toLower toUpper toTitle toTOML toYAML sockaddr writeToFile
  add subtract multiply divide modulo minimum maximum spew_dump spew_sdump spew_printf spew_sprintf`
  .trim()
  .split(/\s+/);

for (const kind of ["tmpl", "hbs"] as const) {
  test(`${name}: the *.${kind} of the example prints the text of the page`, async (t) => {
    const folder = await throwAwayFolder(t);
    const file = (path: string) => join(folder, path);
    const template = block(kind === "hbs" ? "handlebars" : "gotemplate");
    await mkdir(file("run"));
    await writeFile(
      file("sidekick.yaml"),
      block("yaml").replace("nginx.conf.tmpl", `nginx.conf.${kind}`),
    );
    await writeFile(file(`nginx.conf.${kind}`), template);
    await writeFile(file("keys.json"), block("json"));
    const { world, out } = testWorld(file("run"));
    const options = { files: [file("sidekick.yaml")], fixture: file("keys.json") };
    await render(options, world, never);
    assert.equal(out(), block("nginx"));
  });
}

const pairs = JSON.parse(block("json"));

function renderedByHandlebars(text: string): string {
  const sources = { main: { name: "t.hbs", text }, partials: new Map() };
  const template = compile(sources, { name: "plain", escape: kinds.plain }, helpers);
  const keys = new TemplateKeys(new Prefixes([""]));
  const snapshot = snapshotOf(pairs);
  keys.see(snapshot);
  return template.render({
    keys,
    services: [...pools(emptyPools("/services"), snapshot).byName.values()],
    env: (variable) => (variable === "HOME" ? "/home/me" : undefined),
    now: new Date(0),
    lookups: { ip: () => [], srv: () => [] },
  });
}

const columns = [
  {
    of: "Go templates",
    cell: (row: Row) => row.go,
    run: (text: string) => rendered(text, pairs),
    has: (one: string) => knownFunctions.arities.has(one),
  },
  {
    of: "Handlebars",
    cell: (row: Row) => row.handlebars,
    run: renderedByHandlebars,
    has: (one: string) => Object.hasOwn(helpers, one),
  },
];

for (const { of, cell, run, has } of columns) {
  for (const row of rows) {
    test(`${name}: the equivalent of ${row.theirs} in ${of} works`, () => {
      const own = cell(row);
      assert.ok(own.startsWith("none") || code(own).length > 0, "state an equivalent, or none");
      for (const text of code(own)) {
        if (text.startsWith("{{")) assert.notEqual(run(text), "", text);
        else assert.ok(has(text), `there is no function ${text}`);
      }
    });
  }

  test(`${name}: a function that ${of} have is not declared missing`, () => {
    const missing = rows.filter((row) => cell(row).startsWith("none"));
    const named = missing.flatMap((row) => code(row.theirs)).filter((one) => /^\w+$/.test(one));
    // Go templates and Handlebars have these for something else.
    const others = ["trim", "indent", "contains", "add"];
    for (const one of named) assert.ok(!has(one) || others.includes(one), one);
  });
}

test(`${name} has every function of consul-template once`, () => {
  const named = rows.flatMap((row) => code(row.theirs)).map((text) => text.split(" ")[0] ?? "");
  for (const one of functions) assert.ok(named.includes(one), one);
  for (const one of named) assert.ok(functions.includes(one) || one === "sprig_…", one);
});
