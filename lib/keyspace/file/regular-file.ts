import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, realpath, stat } from "node:fs/promises";
import { relative } from "node:path";
import { systemCode } from "../../base/fault.ts";

/** Limit of the size of a file, in bytes. */
const maxBytes = 1024 * 1024;

/** The content of a file, or the reason why it is not read. */
export type FileContent =
  | { readonly text: string; readonly stats: BigIntStats }
  | { readonly why: string };

/** What a path names, and the path to open: that of the target of a link. */
export interface PathProperties {
  readonly target: string;
  readonly stats: BigIntStats;
  /** Why it is not the value of a key: undefined for a folder and for a regular file of at most 1 MiB. */
  readonly why: string | undefined;
}

/**
 * Looks at a path without opening it; undefined for a link to a folder, which may lead in a circle. A link to a file within
 * `root` stands for that file, as in a mounted ConfigMap. Any other link is not followed, since this process may be allowed
 * to read what the author of the link is not.
 */
export async function propertiesOf(
  root: string,
  path: string,
): Promise<PathProperties | undefined> {
  // The folder itself may be a link: the operator has chosen it.
  const stats = await (path === root ? stat : lstat)(path, { bigint: true });
  if (!stats.isSymbolicLink()) return { target: path, stats, why: problemOf(stats) };
  const target = await realpath(path);
  if (relative(await realpath(root), target).split("/")[0] === "..") {
    const why = "it is a link to a path outside of the keyspace folder";
    return { target: path, stats, why };
  }
  const properties = await lstat(target, { bigint: true });
  if (properties.isDirectory()) return undefined;
  return { target, stats: properties, why: problemOf(properties) };
}

function problemOf(stats: BigIntStats): string | undefined {
  if (stats.isDirectory()) return undefined;
  if (!stats.isFile()) return `it is ${typeOf(stats)}, not a regular file`;
  return stats.size > maxBytes ? tooLong : undefined;
}

const tooLong = `it is longer than ${maxBytes / 1024 / 1024} MiB`;

function typeOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return stats.isSymbolicLink() ? "a link" : "a device";
}

/**
 * Reads a regular file of at most 1 MiB. Does not wait, which opening a FIFO does, and follows no link. Rejects with the
 * errors of the system.
 */
export async function readRegularFile(path: string): Promise<FileContent> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: FileHandle;
  try {
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const why = reasons[systemCode(error) ?? ""];
    if (why === undefined) throw error;
    return { why };
  }
  try {
    const stats = await file.stat({ bigint: true });
    const why = problemOf(stats);
    if (why !== undefined) return { why };
    const content = await readStart(file, Number(stats.size));
    if (content.length > maxBytes) return { why: tooLong };
    return { text: content.toString(), stats: await file.stat({ bigint: true }) };
  } finally {
    await file.close();
  }
}

/** The errors of `open` that concern this file alone. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "it is a link",
  ENXIO: "it is not a regular file",
};

/** Reads at most one byte more than the limit: a file may grow, or not know its size. */
async function readStart(file: FileHandle, expectedBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= maxBytes; ) {
    const wanted = size === 0 ? expectedBytes + 1 : 64 * 1024;
    const buffer = Buffer.allocUnsafe(Math.min(wanted, maxBytes + 1 - size));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return Buffer.concat(chunks);
}
