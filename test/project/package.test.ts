import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../support/sources.ts";

async function json<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(root, name), "utf8")) as T;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

test("the version is the same in all files, and has a section in the changelog", async () => {
  const { version } = await json<{ version: string }>("package.json");
  const lock = await json<{ version: string; packages: Record<string, { version?: string }> }>(
    "package-lock.json",
  );
  assert.deepEqual([lock.version, lock.packages[""]?.version], [version, version]);
  const changelog = await readFile(join(root, "CHANGELOG.md"), "utf8");
  const [first] = /^## \d.*$/m.exec(changelog) ?? [];
  assert.match(
    first ?? "",
    new RegExp(`^## ${version.replaceAll(".", "\\.")} / \\d{4}-\\d\\d-\\d\\d$`),
  );
  const manifest = await readFile(join(root, "deploy/kubernetes.yaml"), "utf8");
  assert.ok(manifest.includes(`image: sidekick:${version}`));
});

const rootEntries = [
  ...[".ci", ".dockerignore", ".editorconfig", ".github", ".gitignore", ".npmrc"],
  ...["CHANGELOG.md", "Dockerfile", "LICENSE", "README.md"],
  ...["agents", "bench", "bin", "biome.json", "cli", "deploy", "docs", "examples", "lib"],
  ...["package-lock.json", "package.json", "rolldown.config.js", "templates", "test"],
  "tsconfig.json",
];

const noCheckout = existsSync(join(root, ".git")) ? false : "this is no checkout of git";

test("the root holds only files and folders that belong there", { skip: noCheckout }, async () => {
  // The checkout may belong to another user, as in a container that mounts it.
  const args = ["-c", "safe.directory=*", "ls-files", "-z"];
  const { stdout } = await promisify(execFile)("git", args, { cwd: root });
  const tracked = stdout.split("\0").filter(Boolean);
  const entries = new Set(tracked.map((file) => file.split("/")[0]));
  assert.deepEqual([...entries].sort(), rootEntries.toSorted());
});

test("allowScripts lists each dependency with an install script, and no other", async () => {
  const { packages } = await json<Lock>("package-lock.json");
  const { allowScripts } = await json<{ allowScripts: Record<string, boolean> }>("package.json");
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([path]) => path.replace(/.*node_modules\//, ""));
  assert.deepEqual(Object.keys(allowScripts).sort(), [...new Set(names)].sort());
});
