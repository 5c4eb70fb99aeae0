import type { Entry } from "../../model/entry.ts";
import type { Endpoint } from "../../model/pool.ts";

/** How entries of this host are known. A name can be forged: this only decides about a warning. */
export interface OwnHost {
  /** The name of this machine in its entries. */
  readonly name: string;
  /** The keys of the instances that are configured here. */
  readonly keys: readonly string[];
  /** The folders that keyspaces are mounted at, `""` for the root; whether other hosts may write there. */
  readonly folders: Readonly<Record<string, boolean>>;
}

/** Whether an agent of another host may have registered an instance. */
export function isForeign({ key, id, name }: Endpoint, own: OwnHost): boolean {
  if (name === own.name || id.startsWith(`${own.name}:`) || own.keys.includes(key)) return false;
  return isShared(key, own);
}

/** Whether hosts share the keyspace of a key. */
function isShared(key: Entry["key"], { folders }: OwnHost): boolean {
  const all = Object.keys(folders).filter((folder) => key.startsWith(`${folder}/`));
  const innermost = all.reduce((best, one) => (one.length > best.length ? one : best), "");
  return folders[innermost] === true;
}
