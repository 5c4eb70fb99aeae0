import { glob } from "node:fs/promises";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Declared } from "../../lib/base/fault.ts";
import { markdownTable } from "./markdown.ts";
import { placeholder } from "./placeholder.ts";

/** Every declared fault, for `docs/faults.md`: a section for each stage, its faults in order of code. */
export async function faultTables(root: string): Promise<string> {
  const stages = new Map<string, Declared[]>();
  for (const file of await catalogues(root)) {
    const { faults } = await import(pathToFileURL(join(root, file)).href);
    const parts = file.split(sep);
    const stage = (parts[0] === "lib" ? parts[1] : parts[0]) ?? "";
    stages.set(stage, [...(stages.get(stage) ?? []), ...Object.values<Declared>(faults)]);
  }
  return [...stages].map(([stage, faults]) => `## ${stage}\n\n${table(faults)}`).join("\n\n");
}

async function catalogues(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob("{agents,cli,lib}/**/*faults.ts", { cwd: root })) files.push(file);
  return files.sort();
}

function table(faults: readonly Declared[]): string {
  const rows = faults
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, retry, message }) => [
      `\`${code}\``,
      retry ? "yes" : "no",
      [message(placeholder("detail") as never)].flat().join(": "),
    ]);
  return markdownTable(["code", "retried", "message"], rows);
}
