import type { Stats } from "node:fs";
import { chmod, chown } from "node:fs/promises";
import { systemCode } from "../base/fault.ts";
import { type Account, idOf } from "./accounts.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { faults, leftAt } from "./faults.ts";

/** The permissions and the owner that a target is configured to have; each is absent if it is not configured. */
export interface Attributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** The configured attributes, with the names of users and groups resolved. Throws INSTALL_ACCOUNT_UNKNOWN. */
export async function configuredAttributes(
  { path, mode, owner, group }: InstallTarget,
  { clock }: InstallDeps,
  signal: AbortSignal,
): Promise<Attributes> {
  const idOfAccount = async (kind: Account["kind"], name: string) => {
    const id = await idOf({ kind, name }, clock, signal);
    if (id === undefined) {
      throw faults.INSTALL_ACCOUNT_UNKNOWN({ path, kind, name, left: leftAt(path) });
    }
    return id;
  };
  return {
    ...(mode !== undefined && { mode }),
    ...(owner !== undefined && { uid: await idOfAccount("user", owner) }),
    ...(group !== undefined && { gid: await idOfAccount("group", group) }),
  };
}

/** The configured attributes that a file does not have: `mode 600 instead of 640`. */
export function attributeDifferences(
  found: { readonly mode: number; readonly uid?: number; readonly gid?: number },
  { mode, uid, gid }: Attributes,
): readonly string[] {
  const differences: string[] = [];
  const foundMode = found.mode & 0o7777;
  if (mode !== undefined && foundMode !== mode) {
    differences.push(`mode ${foundMode.toString(8)} instead of ${mode.toString(8)}`);
  }
  if (uid !== undefined && found.uid !== uid)
    differences.push(`user ${found.uid} instead of ${uid}`);
  if (gid !== undefined && found.gid !== gid) {
    differences.push(`group ${found.gid} instead of ${gid}`);
  }
  return differences;
}

/** The owner that a file gets: as far as permitted, except what `configured` has of it. */
export interface Ownership {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly configured: Attributes;
}

const keep = -1;

/**
 * Sets user and group of `file`, the text of the target `path`. Without privileges that is possible for groups of this process
 * only. Throws INSTALL_OWNER_DENIED for configured ones.
 */
export async function setOwner(
  path: string,
  file: string,
  current: Stats,
  { uid, gid, configured }: Ownership,
): Promise<void> {
  const denied = (kind: Account["kind"], id: number, isConfigured: boolean) => (error: unknown) => {
    if (systemCode(error) !== "EPERM") throw error;
    if (!isConfigured) return;
    throw faults.INSTALL_OWNER_DENIED({ path, kind, id, left: leftAt(path) }, error);
  };
  if (gid !== undefined && gid !== current.gid) {
    await chown(file, keep, gid).catch(denied("group", gid, configured.gid === gid));
  }
  if (uid !== undefined && uid !== current.uid) {
    await chown(file, uid, keep).catch(denied("user", uid, configured.uid === uid));
  }
  // A change of the owner takes the set-user-ID bits away.
  const { mode = 0 } = configured;
  if (mode > 0o777) await chmod(file, mode);
}
