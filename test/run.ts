/**
 * Runs test files with the runner of Node.js, side by side: `node test/run.ts [options of node --test] [patterns]`.
 * Files that need no process of their own share one.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { planOf, type Shared } from "./support/processes.ts";
import { root } from "./support/sources.ts";

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith("--"));
const patterns = given.filter((argument) => !argument.startsWith("--"));
const folder = mkdtempSync(join(tmpdir(), "sidekick-tests-"));

/** Writes a file that imports all of them. */
function together({ name, files }: Shared): string {
  const path = join(folder, `${name}.mjs`);
  const modules = files.length > 1 ? ["test/support/together.ts", ...files] : files;
  const lines = modules.map((file) => `import ${JSON.stringify(pathToFileURL(join(root, file)))};`);
  writeFileSync(path, lines.join("\n"));
  return path;
}

try {
  const files = globSync(patterns, { cwd: root }).sort();
  if (files.length === 0) throw new Error(`no file matches ${patterns.join(" ")}`);
  const plan = planOf(files).map((one) => (typeof one === "string" ? one : together(one)));
  const argv = ["--import", "./test/support/limit.ts", "--test", ...options, ...plan];
  const { status } = spawnSync(process.execPath, argv, { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
