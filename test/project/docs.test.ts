import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages } from "../../docs/generate/pages.ts";
import { parseConfig } from "../../lib/config/load.ts";
import { blocks } from "../support/markdown-blocks.ts";
import { read, root } from "../support/sources.ts";

const written = await read(
  ...["README.md", "deploy/README.md", "docs/**/*.md", "lib/**/README.md", "docs/*.json"],
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
