import { getAsset, getAssetKeys, isSea } from "node:sea";

/**
 * The path of the folder that stands for the files inside of this program, if it is a single executable. It is no folder of the file system:
 * `embeddedText` and `embeddedFiles` read it.
 */
export const embeddedFolder = "(sidekick)";

/** Whether a path is that of a file or folder inside of the executable. */
export function isEmbedded(path: string): boolean {
  return nameOf(path) !== undefined;
}

/** The text of a file inside of the executable; undefined for every other path. */
export function embeddedText(path: string): string | undefined {
  const name = nameOf(path);
  return name !== undefined && getAssetKeys().includes(name) ? getAsset(name, "utf8") : undefined;
}

/** The names of the files in a folder inside of the executable; undefined for every other path. */
export function embeddedNames(folder: string): readonly string[] | undefined {
  const name = nameOf(folder);
  if (name === undefined) return undefined;
  const within = getAssetKeys().filter((key) => key.startsWith(`${name}/`));
  return within.map((key) => key.slice(name.length + 1)).filter((rest) => !rest.includes("/"));
}

function nameOf(path: string): string | undefined {
  const start = `${embeddedFolder}/`;
  return isSea() && path.startsWith(start) ? path.slice(start.length) : undefined;
}
