import { readFile } from "node:fs/promises";
import { faults } from "./faults.ts";
import type { Access } from "./schema.ts";

interface Target {
  /** For people: without user and password. */
  readonly url: string;
  readonly access: Access;
}

/** The password as it is now; undefined where there is none. */
export async function readPassword(
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = await readAccess(target, "passwordFile", signal);
  return text ? text.toString().split(/\r?\n/, 1)[0] : target.access.password;
}

/** A file of the access as it is on the disk now; undefined where none is named. */
export async function readAccess(
  { url, access }: Target,
  name: "ca" | "cert" | "key" | "passwordFile",
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const path = access[name];
  if (path === undefined) return undefined;
  try {
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw faults.KEYSPACE_ACCESS_FILE({ url, name, path }, error);
  }
}
