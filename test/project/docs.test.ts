import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages } from "../../docs/generate/pages.ts";
import { parseConfig } from "../../lib/config/load.ts";
import { blocks } from "../support/markdown-blocks.ts";
import { read, root } from "../support/sources.ts";

const written = await read(
  ...[
    "README.md",
    ".github/*.md",
    "deploy/README.md",
    "examples/**/README.md",
    "docs/**/*.md",
    "lib/**/README.md",
    "docs/*.{1,json}",
  ],
);

for (const [file, text] of await pages()) {
  test(`${file} is up to date: if not, run npm run docs`, () => {
    assert.equal(written.get(file), text);
  });
}

for (const [file, page] of written) {
  for (const { line, text } of blocks(page, "yaml")) {
    test(`${file}:${line} is a configuration that is accepted`, () => {
      // a page may read any variable: here each one that it names is set
      const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? "");
      const env = Object.fromEntries(names.map((name) => [name, "1"]));
      parseConfig(text, join(root, file), "yaml", { env, hostName: "web-1" });
    });
  }
}

test("links between pages lead to existing files", () => {
  for (const [file, page] of written) {
    for (const [, to = ""] of page.matchAll(/\]\(([^)\s#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(root, dirname(file), to)), `${file} links to ${to}`);
    }
  }
});

test("pages name files of the code that exist", () => {
  for (const [file, page] of written) {
    const named = page.matchAll(/`((?:agents|bench|cli|docs|lib|templates|test)\/[\w./-]+)`/g);
    for (const [, path = ""] of named) assert.ok(existsSync(join(root, path)), `${file}: ${path}`);
  }
});

test("docs/README.md lists every page", () => {
  const index = written.get("docs/README.md") ?? "";
  for (const file of written.keys()) {
    const [, page] = /^docs\/([^/]+\.md)$/.exec(file) ?? [];
    if (page && page !== "README.md") assert.ok(index.includes(`](${page})`), page);
  }
});

test("each npm script is described in CONTRIBUTING, and each that a page names exists", async () => {
  const [manifest = "{}"] = (await read("package.json")).values();
  const scripts = Object.keys((JSON.parse(manifest) as { scripts: object }).scripts);
  const guide = (written.get(".github/CONTRIBUTING.md") ?? "").replaceAll(/\s+/g, " ");
  for (const name of scripts.filter((name) => name !== "prepack")) {
    assert.match(guide, new RegExp(`\\b${name}\\b`), `describe ${name}`);
  }
  for (const [file, page] of written) {
    for (const [, name = ""] of page.matchAll(/\bnpm run ([a-z:]+)/g)) {
      assert.ok(scripts.includes(name), `${file}: npm run ${name}`);
    }
  }
});

test("docs/dependencies.md has a line for each dependency, and for nothing else", async () => {
  const manifests = await read("package.json", ".ci/toolchain/package.json");
  const dependencies = [...manifests.values()].flatMap((text) => {
    const json = JSON.parse(text);
    const kinds = [json.dependencies, json.devDependencies, json.optionalDependencies];
    return kinds.flatMap((kind) => Object.keys(kind ?? {}));
  });
  const listed = written.get("docs/dependencies.md")?.matchAll(/^- `([^`]+)`: \S/gm) ?? [];
  assert.deepEqual([...listed].map(([, name]) => name).sort(), dependencies.sort());
});
