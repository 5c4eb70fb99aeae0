import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The root folder of the project. */
export const root = join(import.meta.dirname, "..", "..");

/** The texts of the files that match, by their path relative to `root`, in order. The separator is always `/`. */
export async function read(...patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const files: string[] = [];
  for (const pattern of patterns) {
    for await (const file of glob(pattern, { cwd: root, exclude: ["**/node_modules/**"] })) {
      files.push(file.replaceAll("\\", "/"));
    }
  }
  const texts = files.sort().map(async (file): Promise<[string, string]> => {
    return [file, await readFile(join(root, file), "utf8")];
  });
  return new Map(await Promise.all(texts));
}
