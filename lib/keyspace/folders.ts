import { folderOf, isWithin } from "../model/entry.ts";

/** The folders of the prefixes, each once; one that lies within another is covered by that. */
export function outermost(prefixes: readonly string[]): readonly string[] {
  const folders = [...new Set(prefixes.map(folderOf))];
  return folders.filter(
    (folder) => !folders.some((other) => other !== folder && isWithin(folder, other)),
  );
}
