import { createHash } from "node:crypto";
import { access, constants, lstat, readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { systemCode } from "../base/fault.ts";

/** What decides where the agents of a user have their sockets and their state. */
export interface StatusEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user id; undefined where the system has none. */
  readonly uid: number | undefined;
  /** The folder for temporary files. */
  readonly temporary: string;
}

/** The agents of a configuration that a process runs; `any` for all of them. */
export type Section = "any" | "presence" | "watch";

/** The agents that a process runs. */
export interface Selection {
  /** The files of the configuration. */
  readonly files: readonly string[];
  readonly section: Section;
}

const sections: readonly Section[] = ["any", "presence", "watch"];

/** The folder of root's sockets. */
const rootFolder = "/run/sidekick";

/** The folder where an agent has its socket unless its configuration names one. */
export function socketFolder({ env, uid, temporary }: StatusEnvironment): string {
  // systemd sets it for a unit with RuntimeDirectory=; several are separated by colons.
  const [given] = (env.RUNTIME_DIRECTORY ?? "").split(":");
  if (given) return given;
  if (uid === 0) return rootFolder;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, "sidekick");
  return join(temporary, `sidekick-${uid ?? "user"}`);
}

/** The name of the agents that run these files, unique for each configuration. */
export function agentName(files: readonly string[], section: Section): string {
  const [first = "environment"] = files;
  const stem = basename(first, extname(first)).slice(0, 24);
  const paths = files.map((file) => resolve(file)).join("\n");
  const mark = createHash("sha256").update(paths).digest("hex").slice(0, 8);
  return `${stem}-${mark}${section === "any" ? "" : `.${section}`}`;
}

/** The name of the socket of an agent that runs these files. */
export function socketName(files: readonly string[], section: Section): string {
  return `${agentName(files, section)}.sock`;
}

/** The sockets that agents with these files would have, whether they run or not. */
export function socketsOf(files: readonly string[], place: StatusEnvironment): readonly string[] {
  const names = sections.map((section) => socketName(files, section));
  return socketFolders(place).flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Every socket of an agent that this user can trust, in order; some may be left over from agents that were killed. */
export async function discoverSockets(place: StatusEnvironment): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of socketFolders(place)) {
    for (const path of [...(await list(folder)), ...(await listEach(folder))]) {
      if (path.endsWith(".sock") && (await isTrusted(path, place.uid))) found.push(path);
    }
  }
  return found;
}

/** A socket, or a folder of sockets, that only another user may use; undefined if there is none. */
export async function findForbidden(place: StatusEnvironment): Promise<string | undefined> {
  for (const folder of socketFolders(place)) {
    for (const path of [folder, ...(await list(folder)), ...(await listEach(folder))]) {
      if (!(await isReadable(path))) return path;
    }
  }
  return undefined;
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch (error) {
    return systemCode(error) !== "EACCES";
  }
}

/** Root's folder may have a folder for each systemd unit. */
function socketFolders(place: StatusEnvironment): readonly string[] {
  return [...new Set([socketFolder(place), rootFolder])];
}

async function listEach(folder: string): Promise<readonly string[]> {
  const inner = await Promise.all((await list(folder)).map(list));
  return inner.flat();
}

/** The paths in a folder; empty where it is none, or may not be read. */
async function list(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/** Another user's socket could answer anything. */
async function isTrusted(path: string, uid: number | undefined): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSocket() === true && (uid === 0 || uid === undefined || found.uid === uid);
}

/**
 * The file of the snapshot cache of an agent, unless its configuration names one; undefined where there is no folder that
 * belongs to this user alone: others could write there what is then served.
 */
export function snapshotCachePath(
  files: readonly string[],
  section: Section,
  { env, uid }: Pick<StatusEnvironment, "env" | "uid">,
): string | undefined {
  const folder = stateFolder(env, uid);
  return folder && join(folder, `${agentName(files, section)}.snapshot`);
}

/**
 * The file in which an agent saves the drains and weights that were requested; undefined where there is no folder that belongs
 * to this user alone.
 */
export function requestedPath(
  { files, section }: Selection,
  { env, uid }: Pick<StatusEnvironment, "env" | "uid">,
): string | undefined {
  const folder = stateFolder(env, uid);
  return folder && join(folder, `${agentName(files, section)}.requested`);
}

/**
 * The file in which an agent records what may be registered in destinations; undefined where there is no folder that belongs to
 * this user alone.
 */
export function recordPath(
  selection: Selection,
  place: Pick<StatusEnvironment, "env" | "uid">,
): string | undefined {
  return requestedPath(selection, place)?.replace(/\.requested$/, ".destinations");
}

/** The file of a keyspace that is mounted at a folder; the same one for the keyspace of all other paths. */
export function requestedPathIn(path: string, folder: string): string {
  if (folder === "") return path;
  const mark = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  return path.replace(/\.requested$/, `.${mark}.requested`);
}

function stateFolder(env: StatusEnvironment["env"], uid: number | undefined): string | undefined {
  // systemd sets it for a unit with StateDirectory=; several are separated by colons.
  const [given] = (env.STATE_DIRECTORY ?? "").split(":");
  if (given) return given;
  if (uid === 0) return "/var/lib/sidekick";
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "sidekick");
  return env.HOME ? join(env.HOME, ".local", "state", "sidekick") : undefined;
}
