import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../support/sources.ts";

async function json<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(root, name), "utf8")) as T;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

test("allowScripts lists each dependency with an install script, and no other", async () => {
  const { packages } = await json<Lock>("package-lock.json");
  const { allowScripts } = await json<{ allowScripts: Record<string, boolean> }>("package.json");
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([path]) => path.replace(/.*node_modules\//, ""));
  assert.deepEqual(Object.keys(allowScripts).sort(), [...new Set(names)].sort());
});
