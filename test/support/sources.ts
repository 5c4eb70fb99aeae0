import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The project's folder. */
export const root = join(import.meta.dirname, "..", "..");

/** Files by their path below the project's folder, with `/` between, in order. */
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
