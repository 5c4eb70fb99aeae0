import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The folders of the set-ups. */
const root = import.meta.dirname;

/** Variables that all set-ups have in common. */
const commonEnv = { NODE: "node-a", ZOO_HOST: "z2", REDIS_DATA: "" };

/** A configuration of confd, as people publish them, with keys of its own. */
export interface SetUp {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The options that name the keys, if the set-up is at `folder`. */
  readonly keysAt: (folder: string) => readonly string[];
}

export const setUps: readonly SetUp[] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "oracle")
  .map(({ name }) => {
    const folder = join(root, name);
    const variables = readdirSync(folder).includes("env")
      ? readFileSync(join(folder, "env"), "utf8").trim().split("\n")
      : undefined;
    const own = (variables ?? []).map((line) => line.split("="));
    return {
      ...{ name, folder },
      env: { ...commonEnv, ...Object.fromEntries(own) },
      keysAt: (at) =>
        variables ? ["-backend", "env"] : ["-backend", "file", "-file", join(at, "keys.yaml")],
    };
  });

/** Copies a set-up to a folder; its targets are below the folder `root` there. */
export async function install({ folder }: SetUp, to: string): Promise<void> {
  await cp(folder, to, { recursive: true });
  for (const file of await filesBelow(join(to, "conf.d"))) {
    const path = join(to, "conf.d", file);
    const text = await readFile(path, "utf8");
    const dest = /^dest = "(.*)"$/m.exec(text)?.[1] ?? "";
    await writeFile(path, text.replace(`dest = "${dest}"`, `dest = "${to}/root${dest}"`));
    await mkdir(dirname(`${to}/root${dest}`), { recursive: true });
  }
}

/** The files below a folder, by their paths from there. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
