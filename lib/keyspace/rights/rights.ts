import { asksFolder } from "../../model/ask-entry.ts";
import { ownersFolder, standbyFolder } from "../../model/hand-over-entry.ts";
import { suspectsFolder } from "../../model/suspects-entry.ts";
import { turnsFolder } from "../../model/turn-entry.ts";
import { watchersFolder } from "../../model/watcher-entry.ts";

/** What an agent does in a folder of a store. */
export interface FolderRight {
  readonly folder: string;
  readonly may: "read" | "readwrite";
  /** Agents of all users write there, each of them its own entries; absent where one user does. */
  readonly isCommon?: true;
  /** It removes its entries before the end of its session. */
  readonly removes?: true;
}

/** The services that rights are for. */
export interface RightsScope {
  /** The folder of the services: `/services`. */
  readonly prefix: string;
  readonly services: readonly string[];
}

/** What a presence agent of these services needs, and nothing else. */
export function agentRights({ prefix, services }: RightsScope): readonly FolderRight[] {
  return [
    ...services.map((name): FolderRight => {
      return { folder: `${prefix}/${name}`, may: "readwrite", removes: true };
    }),
    { folder: standbyFolder, may: "readwrite", isCommon: true, removes: true },
    { folder: ownersFolder, may: "readwrite", isCommon: true },
    { folder: asksFolder, may: "readwrite", isCommon: true },
    { folder: watchersFolder, may: "read" },
    { folder: suspectsFolder, may: "read" },
  ];
}

/** What a watcher of these services needs, of all services by default. */
export function watcherRights({ prefix, services }: RightsScope): readonly FolderRight[] {
  const folders = services.length === 0 ? [prefix] : services.map((name) => `${prefix}/${name}`);
  return [
    ...folders.map((folder): FolderRight => ({ folder, may: "read" })),
    { folder: watchersFolder, may: "readwrite", removes: true },
    { folder: turnsFolder, may: "readwrite", removes: true },
    { folder: suspectsFolder, may: "readwrite", removes: true },
    { folder: asksFolder, may: "read" },
  ];
}
