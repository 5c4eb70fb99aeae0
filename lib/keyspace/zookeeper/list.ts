import { heed, together } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import type { Connection, Node } from "./connection.ts";
import { isSystem, keyOf } from "./path.ts";
import { ifNoNode } from "./trouble.ts";

/** How many nodes are asked for at once: more make the answers no faster, but take memory on both sides. */
const width = 256;

/** Reads whole folders, one level of them after the other. */
export async function list(
  connection: Connection,
  chroot: string,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let level = folders;
  while (level.length > 0) {
    const below: string[] = [];
    await each(level, signal, async (path) => {
      const node = await connection.read(path).catch(ifNoNode);
      if (!node) return;
      const entry = entryOf(chroot, path, node);
      if (entry) entries.set(entry.key, entry);
      if (node.children > 0) below.push(...(await pathsBelow(connection, path)));
    });
    level = below;
  }
  return entries;
}

async function pathsBelow(connection: Connection, path: string): Promise<readonly string[]> {
  const names = (await connection.children(path).catch(ifNoNode)) ?? [];
  const folder = path === "/" ? "" : path;
  return names.map((name) => `${folder}/${name}`).filter((below) => !isSystem(below));
}

/** Reads some nodes: the entry of each key, undefined where there is none. */
export async function readEach(
  connection: Connection,
  chroot: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Entry | undefined>> {
  const found = new Map<string, Entry | undefined>();
  await each(paths, signal, async (path) => {
    if (isSystem(path)) return;
    const node = await connection.read(path).catch(ifNoNode);
    found.set(keyOf(chroot, path), node && entryOf(chroot, path, node));
  });
  return found;
}

/**
 * A node that ends with a session is an entry whatever its data is; one that stays is an entry if it has
 * data, and else a folder, as those are that are made above an entry.
 */
function entryOf(chroot: string, path: string, node: Node): Entry | undefined {
  const { value, revision, owner } = node;
  if (owner === undefined && value === "") return undefined;
  return { key: keyOf(chroot, path), value, revision };
}

async function each(
  paths: readonly string[],
  signal: AbortSignal,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const queue = paths.values();
  const worker = async (s: AbortSignal) => {
    for (const path of queue) await heed(work(path), s);
  };
  const workers = Math.min(width, paths.length);
  await together(signal, ...Array.from({ length: workers }, () => worker));
}
