import { catalogue, type Fault, systemCode } from "../../base/fault.ts";

export const faults = catalogue({
  KEYSPACE_FILE_UNREADABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `${d.path} of the keyspace folder cannot be read: check who may read it, and the disk`,
  },
  KEYSPACE_FILE_UNWRITABLE: {
    retry: true,
    message: (d: { path: string }) =>
      `${d.path} of the keyspace folder cannot be written: check who may write it, and the disk`,
  },
  KEYSPACE_FILE_CONFLICT: {
    retry: true,
    message: (d: { key: string }) =>
      `the key ${d.key} cannot be a file: keys lie below it, or it lies below another key; rename one of them`,
  },
  KEYSPACE_FILE_KEY_INVALID: {
    retry: false,
    message: (d: { key: string; why: string }) =>
      `the key ${JSON.stringify(d.key)} has no place in a keyspace folder: ${d.why}`,
  },
  KEYSPACE_FILE_LINKS_UNSUPPORTED: {
    retry: false,
    message: (d: { path: string }) =>
      `the file system of ${d.path} makes no hard links: keep the keyspace folder on one that does`,
  },
});

/** What went wrong in reading `path`, as a fault; what is not the system's doing is thrown as it is. */
export function unreadable(error: unknown, path: string): Fault {
  if (systemCode(error) === undefined) throw error;
  return faults.KEYSPACE_FILE_UNREADABLE({ path }, error);
}

/** What went wrong in writing `path`, as a fault; what is not the system's doing is thrown as it is. */
export function unwritable(error: unknown, path: string): Fault {
  if (systemCode(error) === undefined) throw error;
  return faults.KEYSPACE_FILE_UNWRITABLE({ path }, error);
}

/** Whether an error only says that there is no such file, or no such folder above it. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** For `catch`: a file that is missing is an answer, anything else is not. */
export function ifMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}

/** For `catch`: what the system says is left at that, a bug is not. */
export function ifSystem(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error;
  return undefined;
}
