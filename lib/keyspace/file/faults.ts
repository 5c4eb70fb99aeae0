import { catalogue, type Fault, systemCode } from "../../base/fault.ts";

export const faults = catalogue({
  KEYSPACE_FILE_UNREADABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `${d.path} of the keyspace folder cannot be read: check its permissions and the disk`,
  },
  KEYSPACE_FILE_FOLDER_MISSING: {
    retry: true,
    message: (d: { path: string }) =>
      `the keyspace folder ${d.path} does not exist: check the URL; an agent creates the folder when it starts`,
  },
  KEYSPACE_FILE_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `${d.path} of the keyspace folder cannot be written: check its permissions and the disk`,
  },
  KEYSPACE_FILE_CONFLICT: {
    retry: true,
    message: (d: { key: string }) =>
      `the key ${d.key} cannot be a file: it has keys below it, or is itself below another key; rename one of them`,
  },
  KEYSPACE_FILE_KEY_INVALID: {
    retry: false,
    message: (d: { key: string; why: string }) =>
      `the key ${JSON.stringify(d.key)} cannot be stored in a keyspace folder: ${d.why}`,
  },
  KEYSPACE_FILE_LINKS_UNSUPPORTED: {
    retry: false,
    message: (d: { path: string }) =>
      `the file system of ${d.path} does not support hard links: move the keyspace folder to one that does`,
  },
});

/** The fault for a system error while reading `path`. Throws any other error. */
export function unreadable(error: unknown, path: string): Fault {
  if (systemCode(error) === undefined) throw error;
  return faults.KEYSPACE_FILE_UNREADABLE({ path }, error);
}

/** The fault for a system error while writing `path`. Throws any other error. */
export function unwritable(error: unknown, path: string): Fault {
  if (systemCode(error) === undefined) throw error;
  return faults.KEYSPACE_FILE_UNWRITABLE({ path }, error);
}

/** Whether the file, or a folder above it, does not exist. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** For `catch`: returns undefined for a missing file; throws any other error. */
export function ifMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
