import { createHash } from "node:crypto";
import { lstat, readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { systemCode } from "../base/fault.ts";

/** What decides where the agents of a user have their sockets. */
export interface StatusEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined where the system has no such thing. */
  readonly uid: number | undefined;
  /** The folder for temporary files. */
  readonly temporary: string;
}

/** Which agents of a configuration a process runs: both are `any`. */
export type Section = "any" | "presence" | "watch";

const sections: readonly Section[] = ["any", "presence", "watch"];

/** Where root's agents have theirs. */
const rootFolder = "/run/sidekick";

/** The folder where an agent has its socket unless its configuration says otherwise. */
export function socketFolder({ env, uid, temporary }: StatusEnvironment): string {
  // What systemd made for a unit with RuntimeDirectory=; several are separated by colons.
  const [given] = (env.RUNTIME_DIRECTORY ?? "").split(":");
  if (given) return given;
  if (uid === 0) return rootFolder;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, "sidekick");
  return join(temporary, `sidekick-${uid ?? "user"}`);
}

/** What tells an agent that runs these files from those of every other configuration. */
export function agentName(files: readonly string[], section: Section): string {
  const [first = ""] = files;
  const stem = basename(first, extname(first)).slice(0, 24);
  const paths = files.map((file) => resolve(file)).join("\n");
  const mark = createHash("sha256").update(paths).digest("hex").slice(0, 8);
  return `${stem}-${mark}${section === "any" ? "" : `.${section}`}`;
}

/** The name of the socket of an agent that runs these files. */
export function socketName(files: readonly string[], section: Section): string {
  return `${agentName(files, section)}.sock`;
}

/** The sockets that agents with these files would have, whether there are any or not. */
export function socketsOf(files: readonly string[], place: StatusEnvironment): readonly string[] {
  const names = sections.map((section) => socketName(files, section));
  return foldersToLook(place).flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Every socket of an agent that this user may trust, in order; nobody may be behind some of them. */
export async function discoverSockets(place: StatusEnvironment): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of foldersToLook(place)) {
    for (const path of [...(await below(folder)), ...(await belowThose(folder))]) {
      if (path.endsWith(".sock") && (await isTrusted(path, place.uid))) found.push(path);
    }
  }
  return found;
}

/** Several units may each have a folder within the one of root. */
function foldersToLook(place: StatusEnvironment): readonly string[] {
  return [...new Set([socketFolder(place), rootFolder])];
}

async function belowThose(folder: string): Promise<readonly string[]> {
  const inner = await Promise.all((await below(folder)).map(below));
  return inner.flat();
}

/** What lies in a folder; nothing where it is none, or is closed to us. */
async function below(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/** What somebody else put there could say anything. */
async function isTrusted(path: string, uid: number | undefined): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSocket() === true && (uid === 0 || uid === undefined || found.uid === uid);
}
